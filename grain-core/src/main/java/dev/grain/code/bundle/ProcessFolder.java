package dev.grain.code.bundle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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

  /** Makes a folder and locks it; again if another sweeps it away before it is locked. */
  private Path make() throws IOException {
    while (true) {
      Path made = cache.resolve(PROCESS + NUMBERS.incrementAndGet());
      Files.createDirectory(made);
      folder = made;
      Path file = made.resolve(LOCK);
      try {
        lock = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        // whoever removes the folder holds the lock while doing so
        if (lock.tryLock() != null && Files.exists(file)) {
          return made;
        }
        remove();
      } catch (IOException e) {
        remove();
        if (Files.notExists(cache) || Files.exists(made)) {
          throw e;
        }
      }
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
        if (!String.valueOf(each.getFileName()).startsWith(PROCESS)) {
          deleteIfAbandoned(each);
        }
      }
    } catch (IOException e) {
      // there is no folder yet, or another sweeps as well
    }
  }

  private static void deleteIfAbandoned(Path folder) {
    try (FileChannel channel = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE);
        FileLock taken = channel.tryLock()) {
      if (taken != null) {
        delete(folder);
      }
    } catch (NoSuchFileException e) {
      deleteIfEmpty(folder);
    } catch (IOException | OverlappingFileLockException e) {
      // another sweeps as well
    }
  }

  /** Removes a folder without a lock, unless its owner puts the lock there meanwhile. */
  private static void deleteIfEmpty(Path folder) {
    try {
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // it is not empty any more
    }
  }

  /** Removes the lock last, so that a folder that was removed in part has one. */
  private static void delete(Path folder) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path each : files) {
        if (!each.endsWith(LOCK)) {
          Files.deleteIfExists(each);
        }
      }
      Files.deleteIfExists(folder.resolve(LOCK));
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // another does the same
    }
  }
}
