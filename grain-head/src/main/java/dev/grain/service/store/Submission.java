package dev.grain.service.store;

import java.util.List;
import java.util.Optional;

/**
 * Jobs that are stored together or not at all.
 *
 * @param owner whose they are
 * @param key by which the owner recognizes the submission, when it is made again
 * @param jobs in the order in which they are numbered
 */
public record Submission(String owner, Optional<RequestKey> key, List<NewJob> jobs) {
  public Submission {
    jobs = List.copyOf(jobs);
  }
}
