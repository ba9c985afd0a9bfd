package dev.grain.node.isolated;

import dev.grain.Allocation;
import dev.grain.message.AttemptEnd;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A JVM that was started, wherever it runs. For all threads. */
public interface RunningJvm {
  /** Does something when it has ended, on some thread; at once if it has. */
  void whenEnded(Runnable task);

  /** Returns whether {@link #moveTo} has something to do, which may take a while; never waits. */
  boolean isElsewhere(Allocation allocation);

  /**
   * Lets it run on the cores of the next job.
   *
   * @throws IOException if that is not possible though it runs
   */
  void moveTo(Allocation allocation) throws IOException;

  /** Has it killed, with all that it has started; does not wait. */
  void kill();

  /**
   * Waits for its end.
   *
   * @param nanos at most that long
   * @return whether it has ended
   */
  boolean awaitEnd(long nanos) throws InterruptedException;

  /**
   * Ends what it has started, and lets go of everything; to be called once, after its end.
   *
   * @return how it has ended
   */
  Exit close();

  /**
   * How a JVM has ended.
   *
   * @param code its exit code; 128 and the number of the signal if one ended it
   * @param outOfMemory the end of its job if it was killed from outside; null if there was memory
   *     enough
   * @param lost why nobody knows how it has ended, in a sentence; null if that is known
   */
  record Exit(int code, AttemptEnd.@Nullable OutOfMemory outOfMemory, @Nullable String lost) {
    /** Returns the end of one that was never started. */
    static Exit none() {
      return new Exit(0, null, null);
    }
  }
}
