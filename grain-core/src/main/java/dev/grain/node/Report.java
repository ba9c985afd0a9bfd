package dev.grain.node;

import dev.grain.bytes.Bytes;
import dev.grain.message.AttemptEnd;
import org.jspecify.annotations.Nullable;

/** What happened to a job without the loop, which is notified afterwards. */
sealed interface Report {
  /** The job has got slots. */
  record Began(NodeJob job) implements Report {}

  /**
   * The job has ended.
   *
   * @param ran for how many nanoseconds it ran
   * @param next the job that has taken over its slots; null if they were released
   */
  record Finished(NodeJob job, AttemptEnd end, long ran, @Nullable NodeJob next)
      implements Report {}

  /** The job has printed something. */
  record Printed(NodeJob job, Bytes text, boolean error) implements Report {}
}
