package dev.grain.minion;

import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Copies what commands print to the streams of the minion, byte for byte, from the files that they
 * write: whole lines while they run, and the rest at their end. For any thread.
 *
 * <p>A stream may block, as a terminal does whose output is held. That keeps the ends of commands,
 * but not those who start others. There are two locks: that of the list, and behind it none, and
 * this, for copying.
 */
final class OutputCopier implements AutoCloseable {
  private static final int BUFFER = 64 * 1024;
  private static final long PAUSE_MILLIS = 50;

  private final Path folder;
  private final PrintStream out;
  private final PrintStream err;
  private final boolean shared;

  // guarded by this
  private final byte[] buffer = new byte[BUFFER];

  private final ReentrantLock list = new ReentrantLock();
  private final Condition changed = list.newCondition();

  // all guarded by the lock of the list
  private final SequencedSet<Printed> running = new LinkedHashSet<>();
  private long last;
  private boolean closed;
  private @Nullable Thread thread;

  /** What one command prints. */
  static final class Printed {
    private final Stream out;
    private final Stream err;

    private Printed(Stream out, Stream err) {
      this.out = out;
      this.err = err;
    }

    Path out() {
      return out.file;
    }

    Path err() {
      return err.file;
    }
  }

  /** A file, and how much of it was copied; guarded by the copier. */
  private static final class Stream {
    private final Path file;
    private final PrintStream to;
    private long copied;
    // up to where no end of a line is
    private long searched;
    private boolean broken;
    private boolean ended;

    Stream(Path file, PrintStream to) {
      this.file = file;
      this.to = to;
    }
  }

  /**
   * Makes one that copies nothing yet.
   *
   * @param folder an existing folder for the files
   * @param shared whether several commands print at a time, so that a last line without an end gets
   *     one
   */
  OutputCopier(Path folder, PrintStream out, PrintStream err, boolean shared) {
    this.folder = folder;
    this.out = out;
    this.err = err;
    this.shared = shared;
  }

  /** Returns the files for a command, which do not exist yet. */
  Printed newFiles() {
    list.lock();
    try {
      last++;
      return new Printed(
          new Stream(folder.resolve(last + ".out"), out),
          new Stream(folder.resolve(last + ".err"), err));
    } finally {
      list.unlock();
    }
  }

  /** Copies what the command prints from now on. */
  void follow(Printed printed) {
    list.lock();
    try {
      running.add(printed);
      if (thread == null) {
        thread = Thread.ofPlatform().daemon().name("grain-minion-output").start(this::run);
      }
      changed.signal();
    } finally {
      list.unlock();
    }
  }

  /** The command has ended: copies the rest, and removes the files. */
  void end(Printed printed) {
    list.lock();
    try {
      running.remove(printed);
    } finally {
      list.unlock();
    }
    copy(printed, true);
    try {
      Files.deleteIfExists(printed.out());
      Files.deleteIfExists(printed.err());
    } catch (IOException e) {
      // goes with the folder
    }
  }

  private void run() {
    try {
      for (List<Printed> some = await(); !some.isEmpty(); some = await()) {
        some.forEach(printed -> copy(printed, false));
      }
    } catch (InterruptedException e) {
      // nobody does
    }
  }

  /** Waits for a moment, and until a command runs, and returns those that do; none at the end. */
  private List<Printed> await() throws InterruptedException {
    list.lock();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS);
      while (!closed && (running.isEmpty() || left > 0)) {
        if (running.isEmpty()) {
          changed.await();
        } else {
          left = changed.awaitNanos(left);
        }
      }
      return closed ? List.of() : List.copyOf(running);
    } finally {
      list.unlock();
    }
  }

  /** Copies what is new; nothing of one that was copied to its end. */
  private synchronized void copy(Printed printed, boolean ended) {
    copy(printed.out, ended);
    copy(printed.err, ended);
  }

  private void copy(Stream stream, boolean ended) {
    if (stream.broken || stream.ended || !Files.exists(stream.file)) {
      return;
    }
    stream.ended = ended;
    try (RandomAccessFile file = new RandomAccessFile(stream.file.toFile(), "r")) {
      long end = ended ? file.length() : endOfLines(file, stream);
      byte lastByte = '\n';
      file.seek(stream.copied);
      while (stream.copied < end) {
        int read = file.read(buffer, 0, (int) Math.min(BUFFER, end - stream.copied));
        if (read < 0) {
          break;
        }
        stream.to.write(buffer, 0, read);
        stream.copied += read;
        lastByte = buffer[read - 1];
      }
      if (shared && lastByte != '\n') {
        stream.to.write('\n');
      }
      stream.to.flush();
    } catch (IOException e) {
      stream.broken = true;
      stream.to.println("[... the output of a command cannot be read: " + e.getMessage() + " ...]");
    }
  }

  /** Returns the place behind the last end of a line, or how much was copied. */
  private long endOfLines(RandomAccessFile file, Stream stream) throws IOException {
    long length = file.length();
    long from = Math.max(stream.copied, stream.searched);
    for (long to = length; to > from; ) {
      long start = Math.max(from, to - BUFFER);
      int count = (int) (to - start);
      file.seek(start);
      file.readFully(buffer, 0, count);
      for (int i = count - 1; i >= 0; i--) {
        if (buffer[i] == '\n') {
          return start + i + 1;
        }
      }
      to = start;
    }
    stream.searched = length;
    return stream.copied;
  }

  /** Ends the thread. */
  @Override
  public void close() {
    list.lock();
    try {
      closed = true;
      changed.signal();
    } finally {
      list.unlock();
    }
  }
}
