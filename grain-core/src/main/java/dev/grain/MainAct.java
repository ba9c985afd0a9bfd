package dev.grain;

/**
 * The main of a run that returns nothing.
 *
 * @param <X> the type of its own exceptions; inferred as {@code RuntimeException} if it has none
 */
@FunctionalInterface
public interface MainAct<X extends Exception> {
  /**
   * Runs the main.
   *
   * @throws X its own exceptions
   */
  void run() throws X;
}
