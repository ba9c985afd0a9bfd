package dev.grain.code.bundle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A folder for the files of one process, such as the folder in a cache where one store has what it
 * writes and uses. It is there while something is in use, and has no folders in it. Its owner holds
 * a lock on a file in it, so that others see when the owner has died, and remove it. Safe for all
 * threads.
 */
public final class ProcessFolder {
  private static final String IN_CACHE = "use-";
  private static final String LOCK = "lock";

  /** How often others may sweep a folder away before it is locked. */
  private static final int TRIES = 10;

  /**
   * A process must not open a lock file of its own a second time, as closing it would give up the
   * lock; this is how it knows them.
   */
  private static final String PROCESS = UUID.randomUUID() + "-";

  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private final Path parent;
  private final String prefix;
  private final boolean sharesParent;
  // all guarded by this
  private int users;
  private @Nullable Path folder;
  private @Nullable FileChannel lock;

  private ProcessFolder(Path parent, String prefix, boolean sharesParent) {
    this.parent = parent;
    this.prefix = prefix;
    this.sharesParent = sharesParent;
  }

  /** Makes one in a cache, which only its owner may enter. */
  ProcessFolder(Path cache) {
    this(cache, IN_CACHE, false);
  }

  /**
   * Makes one in a folder for temporary files, where other users have theirs.
   *
   * @param prefix begins the names of such folders, those of other processes included
   */
  public static ProcessFolder temporary(Path parent, String prefix) {
    return new ProcessFolder(parent, prefix, true);
  }

  /**
   * Returns the folder, which stays until a {@link #close} for each time that it was opened. Only
   * its owner may enter it.
   */
  public synchronized Path open() throws IOException {
    Path known = folder;
    if (known == null) {
      if (!sharesParent) {
        DiskCache.makePrivate(parent);
      }
      known = make();
      sweep(parent, prefix, Files.getOwner(known));
    }
    users++;
    return known;
  }

  /** Makes a folder and locks it; again if another sweeps it away before it is locked. */
  private Path make() throws IOException {
    for (int left = TRIES; ; left--) {
      Path made = parent.resolve(prefix + PROCESS + NUMBERS.incrementAndGet());
      Files.createDirectory(made, access());
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
        if (left == 1 || Files.notExists(parent) || Files.exists(made)) {
          throw e;
        }
      }
    }
  }

  private FileAttribute<?>[] access() {
    return parent.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
        }
        : new FileAttribute<?>[0];
  }

  /** Ends one use; the last one removes the folder. */
  public synchronized void close() {
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

  /** Removes the folders in a cache of processes that have died. */
  static void sweep(Path cache) {
    try {
      sweep(cache, IN_CACHE, Files.getOwner(cache));
    } catch (IOException e) {
      // there is no cache yet
    }
  }

  private static void sweep(Path parent, String prefix, UserPrincipal user) {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, prefix + "*")) {
      for (Path each : folders) {
        if (!String.valueOf(each.getFileName()).startsWith(prefix + PROCESS)
            && isFolderOf(user, each)) {
          deleteIfAbandoned(each);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // another sweeps as well
    }
  }

  /** Returns whether it is a folder of a user, and not a link by which another one misleads. */
  private static boolean isFolderOf(UserPrincipal user, Path folder) throws IOException {
    try {
      return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
          && Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(user);
    } catch (NoSuchFileException e) {
      return false;
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
