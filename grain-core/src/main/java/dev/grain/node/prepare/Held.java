package dev.grain.node.prepare;

/** Something that stays as it is until it is closed. For all threads. */
public interface Held extends AutoCloseable {
  /** From here on it may be removed; does nothing if it was called before. */
  @Override
  void close();
}
