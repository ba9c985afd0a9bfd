package dev.grain;

import dev.grain.dispatch.JobEnd;
import org.jspecify.annotations.Nullable;

/**
 * What jobs belong to: a wait group, a {@code map}, or nothing but the run. Its text names it, for
 * people.
 */
interface JobOwner {
  /** The owner of jobs that belong to nothing but the run. */
  JobOwner NONE =
      new JobOwner() {
        @Override
        public void onJobEnded(SubmittedJob<?> job) {}

        @Override
        public @Nullable RuntimeException givenUp() {
          return null;
        }

        @Override
        public String toString() {
          return "the run";
        }
      };

  /**
   * Returns the number of the line in which its jobs wait; 0 if each is a line of its own. Never
   * changes.
   */
  default long line() {
    return 0;
  }

  /** Where its jobs are submitted; null if that is where they are called for. */
  default @Nullable SubmissionPath path() {
    return null;
  }

  /** A job has started, perhaps not for the first time. Called on the head loop; must not block. */
  default void onJobStarted(SubmittedJob<?> job) {}

  /**
   * A job is about to end, and nobody can see it yet: so what follows from it is so before anybody
   * acts on it. Called on the head loop; must not block.
   */
  default void onJobEnding(SubmittedJob<?> job, JobEnd end) {}

  /** A job has ended, and everybody can see it. Called on the head loop; must not block. */
  void onJobEnded(SubmittedJob<?> job);

  /**
   * Returns whether {@link #givenUp} has a reason, so that none of its jobs is to start any more.
   */
  default boolean isGivenUp() {
    return false;
  }

  /** Why nothing may be submitted or waited for any more; a new exception, or null. */
  @Nullable RuntimeException givenUp();
}
