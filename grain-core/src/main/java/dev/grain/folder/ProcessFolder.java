package dev.grain.folder;

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
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A folder for the files of one process, such as those that its commands print to. It is there
 * while something is in use. Its owner holds a lock on a file in it, so that others see when the
 * owner has died, in whatever way: the next process that makes a folder with the same parent and
 * prefix for the same user removes it. Safe for all threads.
 *
 * <p>The lock works across machines and containers that share the parent, as far as the file system
 * has locks. Where it has none, no folder counts as that of a dead process.
 */
public final class ProcessFolder {
  private static final String LOCK = "lock";

  /** How often others may sweep a folder away before it is locked. */
  private static final int TRIES = 10;

  /**
   * A process must not open a lock file of its own a second time, as closing it would give up the
   * lock; this is how it knows them, even if another class loader has made them.
   */
  private static final String PROCESS = process();

  private final Path parent;
  private final String prefix;
  private final boolean ownsParent;
  // all guarded by this
  private int users;
  private @Nullable Path folder;
  private @Nullable FileChannel lock;

  private ProcessFolder(Path parent, String prefix, boolean ownsParent) {
    this.parent = parent;
    this.prefix = prefix;
    this.ownsParent = ownsParent;
  }

  /**
   * Makes one in a folder that belongs to this user, such as a cache; that folder is made with it,
   * and only its owner may enter it.
   *
   * @param prefix begins the names of such folders, those of other processes included
   */
  public static ProcessFolder within(Path parent, String prefix) {
    return new ProcessFolder(parent, prefix, true);
  }

  /**
   * Makes one in a folder for temporary files, where other users have theirs.
   *
   * @param prefix the start of the names of such folders, including those of other processes
   */
  public static ProcessFolder temporary(Path parent, String prefix) {
    return new ProcessFolder(parent, prefix, false);
  }

  /** Processes of several containers may have the same id. */
  private static String process() {
    ProcessHandle own = ProcessHandle.current();
    long started = own.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    return Long.toString(own.pid(), Character.MAX_RADIX)
        + "-"
        + Long.toString(started, Character.MAX_RADIX)
        + "-";
  }

  /**
   * Returns the folder, which stays until a {@link #close} for each time that it was opened. Only
   * its owner may enter it.
   */
  public synchronized Path open() throws IOException {
    Path known = folder;
    if (known == null) {
      if (ownsParent) {
        makePrivate(parent);
      }
      known = make();
      sweep(parent, prefix, Files.getOwner(known));
    }
    users++;
    return known;
  }

  /**
   * Returns the folder while it is open; another one if somebody has removed that, such as a job
   * that cleans up temporary files.
   */
  public synchronized Path path() throws IOException {
    Path known = Objects.requireNonNull(folder, "The folder is not open");
    if (Files.notExists(known)) {
      remove();
      known = make();
    }
    return known;
  }

  /** Makes a folder that only its owner may enter. */
  private static void makePrivate(Path path) throws IOException {
    Files.createDirectories(path);
    if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
    }
  }

  /** Makes a folder and locks it; again if another sweeps it away before it is locked. */
  private Path make() throws IOException {
    for (int left = TRIES; ; left--) {
      Path made = Files.createTempDirectory(parent, prefix + PROCESS);
      folder = made;
      try {
        if (lock(made.resolve(LOCK))) {
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

  /** Returns whether the folder stays: whoever removes it holds the lock while doing so. */
  private boolean lock(Path file) throws IOException {
    FileChannel opened =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    lock = opened;
    boolean locked;
    try {
      locked = opened.tryLock() != null;
    } catch (IOException e) {
      // a file system without locks, where nobody else gets this one either
      locked = true;
    }
    return locked && Files.exists(file);
  }

  /** Ends one use; the last one removes the folder, as far as that is possible. */
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

  /**
   * Removes the folders in a parent of processes that have died.
   *
   * @param prefix begins their names
   */
  public static void sweep(Path parent, String prefix) {
    try {
      sweep(parent, prefix, Files.getOwner(parent));
    } catch (IOException e) {
      // there is no such parent yet
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

  /**
   * Removes such a folder with all that is in it, as far as that is possible; the lock last, so
   * that a later process can go on if this one dies meanwhile.
   *
   * @param folder is this process's, or that of one that has died
   */
  public static void delete(Path folder) {
    try {
      Folders.clear(folder, each -> !each.endsWith(LOCK));
      Folders.delete(folder);
    } catch (IOException e) {
      // another does the same, or a process makes a file in it at this moment
    }
  }
}
