package dev.grain.service.event;

import org.jspecify.annotations.Nullable;

/** A change of a job, and what was read of the job for it. */
final class Change {
  final long number;
  final long job;

  // set by the thread that reads jobs, read by any; null if nobody was interested so far
  volatile @Nullable JobEvent event;

  Change(long number, long job) {
    this.number = number;
    this.job = job;
  }
}
