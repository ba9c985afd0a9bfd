package dev.grain.node.prepare;

import java.nio.file.Path;

/** Something that is ready, and stays as it is until it is closed. For all threads. */
public interface Prepared extends AutoCloseable {
  /** Returns the folder that it is in; nobody may change anything there. */
  Path path();

  /** From here on it may be removed; does nothing if it was called before. */
  @Override
  void close();
}
