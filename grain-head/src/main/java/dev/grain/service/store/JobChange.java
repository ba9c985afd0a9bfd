package dev.grain.service.store;

import dev.grain.Cause;
import java.time.Duration;
import java.util.Optional;

/** What a transaction has done to a job or a task. */
public sealed interface JobChange {
  /** Returns the number of the job. */
  long job();

  /** It is new. */
  record Submitted(long job) implements JobChange {}

  /**
   * An attempt of it has started, the first one.
   *
   * @param waited how long after it was submitted; not negative
   */
  record Started(long job, Duration waited) implements JobChange {}

  /**
   * It has ended.
   *
   * @param cause why, if it has not succeeded
   */
  record Ended(long job, Optional<Cause> cause) implements JobChange {}

  /** Something else of it has changed. */
  record Changed(long job) implements JobChange {}
}
