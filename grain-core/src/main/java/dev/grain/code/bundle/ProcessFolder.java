package dev.grain.code.bundle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The folder in a cache where one store has what it writes and uses. It is there while something is
 * in use. Its owner holds a lock on a file in it, so that others see when the owner has died, and
 * remove it. Safe for all threads.
 */
final class ProcessFolder {
  private static final String PREFIX = "use-";
  private static final String LOCK = "lock";

  /**
   * A process must not open a lock file of its own a second time, as closing it would give up the
   * lock; this is how it knows them.
   */
  private static final String PROCESS = PREFIX + UUID.randomUUID() + "-";

  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private final Path cache;
  // all guarded by this
  private int users;
  private @Nullable Path folder;
  private @Nullable FileChannel lock;

  ProcessFolder(Path cache) {
    this.cache = cache;
  }

  /** Returns the folder, which stays until a {@link #close} for each time that it was opened. */
  synchronized Path open() throws IOException {
    Path known = folder;
    if (known == null) {
      DiskCache.makePrivate(cache);
      sweep(cache);
      known = make();
    }
    users++;
    return known;
  }

  private Path make() throws IOException {
    while (true) {
      Path made = cache.resolve(PROCESS + NUMBERS.incrementAndGet());
      Files.createDirectory(made);
      folder = made;
      Path file = made.resolve(LOCK);
      try {
        lock = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        lock.tryLock();
      } catch (IOException e) {
        remove();
        if (Files.exists(cache) && Files.notExists(made)) {
          continue; // swept away by another before the lock was there
        }
        throw e;
      }
      if (Files.exists(file)) {
        return made;
      }
      remove();
    }
  }

  /** Ends one use; the last one removes the folder. */
  synchronized void close() {
    users--;
    if (users == 0) {
      remove();
    }
  }

  private void remove() {
    Path known = folder;
    if (known != null) {
      delete(known);
      folder = null;
    }
    FileChannel held = lock;
    lock = null;
    if (held != null) {
      try {
        held.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Removes the folders of processes that have died. */
  static void sweep(Path cache) {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(cache, PREFIX + "*")) {
      for (Path each : folders) {
        if (!String.valueOf(each.getFileName()).startsWith(PROCESS) && isAbandoned(each)) {
          delete(each);
        }
      }
    } catch (IOException e) {
      // there is no folder yet, or another sweeps as well
    }
  }

  private static boolean isAbandoned(Path folder) {
    Path file = folder.resolve(LOCK);
    if (Files.notExists(file)) {
      return true;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock taken = channel.tryLock()) {
      return taken != null;
    } catch (IOException | OverlappingFileLockException e) {
      return false;
    }
  }

  private static void delete(Path folder) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path each : files) {
        Files.deleteIfExists(each);
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // another does the same, or its owner has just made it
    }
  }
}
