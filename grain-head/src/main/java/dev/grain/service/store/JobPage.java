package dev.grain.service.store;

import java.util.List;
import java.util.Optional;

/**
 * A part of a list.
 *
 * @param jobs the newest first; fewer than were asked for, or none, where few of many jobs meet the
 *     filter, so that no page takes long
 * @param next after which the list goes on; empty at its end
 */
public record JobPage(List<StoredJob> jobs, Optional<Position> next) {
  public JobPage {
    jobs = List.copyOf(jobs);
  }
}
