package dev.grain.journal;

import dev.grain.bytes.Bytes;
import dev.grain.concurrent.Uninterruptibly;
import dev.grain.journal.Contents.Kept;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An open journal: what earlier lives wrote, and the thread that appends what this one writes. Safe
 * for all threads.
 *
 * <p>Implementation note: whatever waits when the thread is done with the last batch is the next
 * one, and is forced to the disk once. So the more is written, the less each entry costs.
 */
public final class Journal implements AutoCloseable {
  private final Path file;
  private final OneWriter lock;
  private final Contents contents;
  private final Source source;
  // guarded by itself
  private final Scan scan;
  private final Disk disk;
  private final Thread writer;

  // guarded by this
  private List<Waiting> waiting = new ArrayList<>();
  private boolean closing;
  private @Nullable IOException failure;

  /** An entry that is to be written. */
  private record Waiting(JournalEntry entry, Receipt receipt) {}

  private Journal(Path file, OneWriter lock, Contents contents, Disk disk) throws IOException {
    this.file = file;
    this.lock = lock;
    this.contents = contents;
    this.disk = disk;
    this.source = new Source(file);
    this.scan = new Scan(source);
    this.writer = Thread.ofPlatform().daemon().name("grain-journal").unstarted(this::writeAll);
  }

  /**
   * Opens a journal for a life that starts, and creates it if there is none.
   *
   * @param file where it is; its folder has to be there
   * @param run the id of the run
   * @throws IOException in a sentence that states the file and what to do: another run has it, it
   *     is no journal or one of another version, it cannot be read or written
   */
  public static Journal open(Path file, String run) throws IOException {
    return open(file, run, Disk::of);
  }

  static Journal open(Path file, String run, Disk.Opener opener) throws IOException {
    try {
      return openReal(realPath(file), run, opener);
    } catch (UnusableJournalException | ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException("The journal %s cannot be opened: %s".formatted(file, describe(e)), e);
    }
  }

  private static String describe(IOException e) {
    return e instanceof FileSystemException ? e.toString() : String.valueOf(e.getMessage());
  }

  private static Journal openReal(Path real, String run, Disk.Opener opener) throws IOException {
    // before the lock, which would leave its file beside one that is none of ours; and again under
    // it, as the file may have become another one
    JournalReader.ensureJournalOrNone(real);
    OneWriter lock = OneWriter.of(real);
    try {
      Contents contents = JournalReader.of(real);
      Disk disk = opener.open(real);
      try {
        begin(disk, run);
        Journal journal = new Journal(real, lock, contents, disk);
        journal.writer.start();
        return journal;
      } catch (IOException | RuntimeException e) {
        disk.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static Path realPath(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new UnusableJournalException(
          "The journal %s is a directory. Name a file in it.".formatted(file.toAbsolutePath()));
    }
    if (Files.exists(file)) {
      return file.toRealPath();
    }
    Path absolute = file.toAbsolutePath();
    Path folder = absolute.getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new UnusableJournalException(
          "The journal %s cannot be created: there is no directory %s. Create it first."
              .formatted(absolute, folder));
    }
    return folder.toRealPath().resolve(absolute.getFileName());
  }

  private static void begin(Disk disk, String run) throws IOException {
    Appender appender = new Appender(disk);
    appender.append(new JournalEntry.Life(run, Instant.now().toEpochMilli()));
    appender.flush();
    disk.force();
  }

  /** Returns its status. */
  public Path file() {
    return file;
  }

  /** Returns whether a file is the journal's, or has to do with it. */
  public boolean isPartOf(Path other) {
    Path folder = other.getParent();
    return folder != null
        && folder.equals(file.getParent())
        && JournalReader.isPartOf(
            String.valueOf(other.getFileName()), String.valueOf(file.getFileName()));
  }

  /**
   * Returns how the job ended last in an earlier life, without the value; null if it did not.
   *
   * @param key the job, by 32 bytes
   */
  public JournalEntry.@Nullable Ended find(Bytes key) {
    Kept kept = contents.find(key);
    return kept == null ? null : kept.ended;
  }

  /**
   * Reads the value of a job that {@link #find} knows; null if the file no longer has it.
   *
   * @throws IOException if the file cannot be read
   */
  public @Nullable Bytes value(Bytes key) throws IOException {
    Kept kept = contents.find(key);
    if (kept == null) {
      return null;
    }
    synchronized (scan) {
      return scan.value(kept.position);
    }
  }

  /** Returns how much memory an entry takes until its receipt, about, in bytes. */
  public static long sizeOf(JournalEntry entry) {
    return Appender.sizeOf(entry);
  }

  /** Has an entry written; does not wait for it. */
  public void append(JournalEntry entry, Receipt receipt) {
    IOException why;
    synchronized (this) {
      why = failure;
      if (why == null && closing) {
        why = new IOException("The journal " + file + " is closed");
      }
      if (why == null) {
        waiting.add(new Waiting(entry, receipt));
        notifyAll();
      }
    }
    if (why != null) {
      receipt.notWritten(why);
    }
  }

  /** Writes batch after batch; the thread's body. */
  private void writeAll() {
    Appender appender = new Appender(disk);
    for (List<Waiting> batch = next(); !batch.isEmpty(); batch = next()) {
      try {
        write(batch, appender);
      } catch (IOException | RuntimeException | OutOfMemoryError e) {
        fail(batch, e);
        return;
      }
      batch.forEach(each -> each.receipt.written());
    }
  }

  private void write(List<Waiting> batch, Appender appender) throws IOException {
    for (Waiting each : batch) {
      appender.append(each.entry);
    }
    appender.flush();
    disk.force();
  }

  /** Returns what waits, once something does; nothing if nothing will come any more. */
  private synchronized List<Waiting> next() {
    while (waiting.isEmpty() && !closing) {
      try {
        wait();
      } catch (InterruptedException e) {
        // nobody has this thread to interrupt it
      }
    }
    List<Waiting> batch = waiting;
    waiting = new ArrayList<>();
    return batch;
  }

  private void fail(List<Waiting> batch, Throwable e) {
    IOException why =
        new IOException(
            ("The journal %s cannot be written: %s. Free some space or fix the disk, then "
                    + "start the program again; it continues after the results in the journal.")
                .formatted(file, e instanceof IOException ? e.getMessage() : e),
            e);
    List<Waiting> lost = new ArrayList<>(batch);
    synchronized (this) {
      failure = why;
      lost.addAll(waiting);
      waiting = List.of();
    }
    lost.forEach(each -> each.receipt.notWritten(why));
  }

  /** Writes what waits, ends the thread and gives the file back. Closing it again does nothing. */
  @Override
  public void close() {
    boolean again;
    synchronized (this) {
      again = closing;
      closing = true;
      notifyAll();
    }
    Uninterruptibly.await(writer::join);
    if (again) {
      return;
    }
    try (lock;
        disk;
        source) {
      // all of them are closed, whatever becomes of each
    } catch (IOException e) {
      throw new UncheckedIOException("The journal " + file + " cannot be closed", e);
    }
  }

  /** Is notified of the result of an entry: one of both, once. Called by the journal's thread. */
  public interface Receipt {
    /** A receipt that nobody wants. */
    Receipt NONE =
        new Receipt() {
          @Override
          public void written() {}

          @Override
          public void notWritten(IOException why) {}
        };

    /** It is in the file, and outlives a crash of the machine. */
    void written();

    /** It may not be in the file, and nothing after it will be. */
    void notWritten(IOException why);
  }
}
