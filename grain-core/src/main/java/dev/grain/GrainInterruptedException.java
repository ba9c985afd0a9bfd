package dev.grain;

/**
 * The thread was interrupted while it waited in a method of Grain; its interrupt flag is set.
 *
 * <p>The unfinished work is cancelled if it belongs to the call: the jobs of a group that was being
 * closed, or the job of an {@code exec}.
 */
public final class GrainInterruptedException extends GrainException {
  private static final long serialVersionUID = 1;

  /**
   * Makes the exception and sets the interrupt flag of the current thread.
   *
   * @param waitedFor what the thread waited for, for the message
   */
  public GrainInterruptedException(String waitedFor) {
    super("Interrupted while waiting for " + waitedFor + ".", null);
    Thread.currentThread().interrupt();
  }
}
