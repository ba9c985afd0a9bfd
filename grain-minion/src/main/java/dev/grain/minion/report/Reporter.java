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

  @Override
  default void close() throws IOException {}
}
