package dev.grain.client;

import java.util.List;
import java.util.Optional;

/**
 * A part of a list.
 *
 * @param jobs the newest first; there may be fewer than were asked for, and even none
 * @param next by which the next page is asked for; empty at the end of the list
 */
public record JobPage(List<JobInfo> jobs, Optional<String> next) {
  /** Makes a page. */
  public JobPage {
    jobs = List.copyOf(jobs);
  }
}
