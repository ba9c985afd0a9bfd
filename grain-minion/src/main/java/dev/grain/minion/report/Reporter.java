package dev.grain.minion.report;

import java.io.IOException;

/**
 * Where events go. A reporter that fails is logged and never hurts the work. Called by one thread
 * at a time.
 */
public interface Reporter extends AutoCloseable {
  /** Reports nothing. */
  Reporter NONE = _ -> {};

  /** Reports an event. */
  void fire(MinionEvent event) throws IOException;

  /**
   * Returns whether it uses {@link #status}. If not, the minion need not gather what that has, such
   * as the last lines of output.
   */
  default boolean wantsStatus() {
    return false;
  }

  /**
   * Reports what the minion does: when it starts, about once a second, and when it has ended. By
   * default this does nothing.
   */
  default void status(MinionStatus status) throws IOException {}

  @Override
  default void close() throws IOException {}
}
