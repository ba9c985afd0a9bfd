package dev.grain.service.store;

import java.util.List;
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

  /**
   * A kind of change that takes less time for many at once. Those that wait at the same time are
   * made by one call; if that fails, each by a call of its own.
   *
   * @param <I> what is to be changed
   * @param <T> what it returns
   */
  @FunctionalInterface
  interface Together<I, T> {
    /** Makes them as if one after the other, and returns what became of each, in their order. */
    List<T> apply(Handle handle, List<I> items);
  }
}
