package dev.grain.service.store;

import org.jdbi.v3.core.Handle;

/**
 * A change of what is stored, which takes effect as a whole or not at all.
 *
 * <p>It may be applied more than once, as the transaction that it was part of may be rolled back
 * because of another change. So it does nothing but read and write by the handle, and does not
 * block otherwise.
 *
 * @param <T> what it returns
 */
@FunctionalInterface
public interface Change<T> {
  /**
   * Applies it, on the thread that writes.
   *
   * @throws RuntimeException if nothing is to be changed; the caller receives it
   */
  T apply(Handle handle);
}
