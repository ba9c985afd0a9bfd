package dev.grain.session;

/**
 * One connection as a {@link Session} sees it: takes frames and carries them in order, until it
 * breaks.
 *
 * <p>To be used on the loop of the session.
 */
public interface Transport {
  /** Sends the frame with the next {@link #flush()}; takes it even while not writable. */
  void write(Frame frame);

  /** Lets everything written so far go. */
  void flush();

  /**
   * Returns whether it wants more. When it does again after it did not, {@link
   * Session#onWritable()} is to be called.
   */
  boolean isWritable();

  /** Ends the connection. What was not yet carried may be lost. */
  void close();
}
