package dev.grain.worker.cache;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Numbered locks between the threads of all processes that name the same file: each lock is one
 * byte of it. What a process holds is free when the process ends, in whatever way. For all threads.
 *
 * <p>Locks of files belong to the process, and closing any channel of a file gives up all of them.
 * So a process has one object for a file, and one channel while it holds any of its locks.
 */
final class SharedLocks {
  private static final long POLL_MILLIS = 50;

  // guarded by itself; by the file
  private static final Map<Path, SharedLocks> ALL = new HashMap<>();

  private final Path file;
  // guarded by this
  private @Nullable Channel current;

  private SharedLocks(Path file) {
    this.file = file;
  }

  /** Returns the locks of a file, which is made when it is needed; its folder must be there. */
  static SharedLocks of(Path file) throws IOException {
    Path folder = file.toAbsolutePath().normalize().getParent();
    if (folder == null) {
      throw new IOException(file + " is not a file");
    }
    Path real = folder.toRealPath().resolve(file.getFileName());
    synchronized (ALL) {
      return ALL.computeIfAbsent(real, SharedLocks::new);
    }
  }

  /** One open file; another follows it if somebody removes the file from its folder. */
  private static final class Channel {
    private final FileChannel channel;
    private final @Nullable Object identity;
    // guarded by the SharedLocks; by the number of the lock
    private final Map<Long, Held> held = new HashMap<>();

    Channel(FileChannel channel, @Nullable Object identity) {
      this.channel = channel;
      this.identity = identity;
    }
  }

  /** A lock that this process holds. */
  private static final class Held {
    private final FileLock lock;
    // guarded by the SharedLocks; how many threads hold it
    private int holders = 1;

    Held(FileLock lock) {
      this.lock = lock;
    }
  }

  /** A lock that is held until it is closed. */
  interface Hold extends AutoCloseable {
    /** Gives the lock up; does nothing if it was called before. Any thread may do that. */
    @Override
    void close();
  }

  /** Takes a lock that others may share. Waits while somebody has it for himself. */
  Hold share(long number) throws IOException, InterruptedException {
    return take(number, true);
  }

  /** Takes a lock for the caller alone. Waits while anybody has it. */
  Hold own(long number) throws IOException, InterruptedException {
    return take(number, false);
  }

  /** Takes a lock for the caller alone; null if anybody has it. */
  synchronized @Nullable Hold tryOwn(long number) throws IOException {
    return tryTake(number, false);
  }

  private synchronized Hold take(long number, boolean shared)
      throws IOException, InterruptedException {
    while (true) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      Hold taken = tryTake(number, shared);
      if (taken != null) {
        return taken;
      }
      // A thread of this process notifies. Other processes cannot, and to wait in the system for
      // their locks is no way: it takes threads of one process for one, and so sees deadlocks.
      TimeUnit.MILLISECONDS.timedWait(this, POLL_MILLIS);
    }
  }

  private @Nullable Hold tryTake(long number, boolean shared) throws IOException {
    Channel open = channel();
    Held held = open.held.get(number);
    if (held != null) {
      if (!shared || !held.lock.isShared()) {
        return null;
      }
      held.holders++;
    } else {
      FileLock lock = lock(open, number, shared);
      if (lock == null) {
        return null;
      }
      held = new Held(lock);
      open.held.put(number, held);
    }
    Held taken = held;
    AtomicBoolean closed = new AtomicBoolean();
    return () -> {
      if (!closed.getAndSet(true)) {
        release(open, number, taken);
      }
    };
  }

  private @Nullable FileLock lock(Channel open, long number, boolean shared) throws IOException {
    FileLock lock = null;
    try {
      lock = open.channel.tryLock(number, 1, shared);
    } catch (OverlappingFileLockException e) {
      // this class is in the process twice, by two class loaders
    } finally {
      if (lock == null) {
        closeIfUnused(open);
      }
    }
    return lock;
  }

  private Channel channel() throws IOException {
    Channel known = current;
    if (known == null || !isInFolder(known)) {
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      known = new Channel(channel, identity());
      current = known;
    }
    return known;
  }

  /** Returns false after somebody has removed the cache, perhaps in order to start again. */
  private boolean isInFolder(Channel open) {
    try {
      Object now = identity();
      return now == null || now.equals(open.identity);
    } catch (IOException gone) {
      return false;
    }
  }

  private @Nullable Object identity() throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  private synchronized void release(Channel open, long number, Held held) {
    held.holders--;
    if (held.holders == 0) {
      open.held.remove(number);
      try {
        held.lock.release();
      } catch (IOException e) {
        // the file system is gone, and its locks with it
      }
      closeIfUnused(open);
    }
    notifyAll();
  }

  private void closeIfUnused(Channel open) {
    if (open.held.isEmpty()) {
      try {
        open.channel.close();
      } catch (IOException e) {
        // nothing was written
      }
      if (current == open) {
        current = null;
      }
    }
  }
}
