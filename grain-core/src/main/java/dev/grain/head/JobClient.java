package dev.grain.head;

import dev.grain.bytes.Bytes;

/** Where the end of a job is delivered. Called on the head loop; must not block. */
public interface JobClient {
  /** Returns whether it is about to cancel its jobs, so that none is to start any more. */
  default boolean isGivenUp() {
    return false;
  }

  /** The job has ended, exactly once. */
  void onEnd(HeadJob job, JobEnd end);

  /**
   * An attempt has failed, and the client is to say whether there is another one, by {@link
   * Head#decide}, on any thread.
   *
   * @param end how the job ends if there is none
   */
  void onFailedAttempt(HeadJob job, int attempt, JobEnd end);

  /**
   * The job has printed something.
   *
   * @param text in UTF-8
   * @param error whether on the error stream
   */
  void onOutput(HeadJob job, Bytes text, boolean error);
}
