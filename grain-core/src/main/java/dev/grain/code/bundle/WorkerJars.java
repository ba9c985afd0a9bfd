package dev.grain.code.bundle;

import dev.grain.bytes.Bytes;
import dev.grain.code.bundle.FileContents.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The jars that the worker itself runs with. A program that has the very same ones need not send
 * them. Safe for all threads.
 */
final class WorkerJars {
  private final ClassLoader worker;
  // guarded by this
  private @Nullable Set<Path> jars;

  WorkerJars(ClassLoader worker) {
    this.worker = worker;
  }

  /** Returns a jar with this content, or null if the worker has none. */
  @Nullable Path find(long size, Bytes hash) throws IOException {
    for (Path each : jars()) {
      if (Files.size(each) == size && FileContents.hash(Source.of(each)).hash().equals(hash)) {
        return each;
      }
    }
    return null;
  }

  /** Reads all of them, so that none has to be read later. */
  void hashAll() throws IOException {
    for (Path each : jars()) {
      FileContents.hash(Source.of(each));
    }
  }

  private synchronized Set<Path> jars() throws IOException {
    Set<Path> known = jars;
    if (known == null) {
      known = ClassPath.of(worker).jars();
      jars = known;
    }
    return known;
  }
}
