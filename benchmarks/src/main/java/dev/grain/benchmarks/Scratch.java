package dev.grain.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder for keys and caches of processes that are measured; it is gone after it was closed. */
record Scratch(Path folder) implements AutoCloseable {
  static Scratch create() throws IOException {
    return new Scratch(Leftovers.watch(Files.createTempDirectory("grain-bench")));
  }

  @Override
  public void close() {
    Leftovers.delete(folder);
  }
}
