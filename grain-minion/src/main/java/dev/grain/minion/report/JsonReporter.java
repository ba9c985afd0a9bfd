package dev.grain.minion.report;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Appends each event to a file, as one line. There is a file for each minion, with its uid as its
 * name, so that nobody else writes to it, and it can be read meanwhile, by {@link ReportReader} for
 * example.
 *
 * <p>A line is written at once, unless lines come quickly; then several are written together, at
 * the latest with the next status, so a minion that is killed loses the events of at most a second.
 * A line that could not be written as a whole, as the disk was full, is written again later. What
 * the minion does now is in the folder {@code .status}, in a file that is replaced as a whole.
 */
public final class JsonReporter implements Reporter {
  /** The folder, within that of the events, where the files are that tell what minions do now. */
  static final String STATUS = ".status";

  static final String STATUS_FILE = ".json";

  /** Lines that come within this time of each other are written together. */
  private static final long TOGETHER_NANOS = 50_000_000;

  private static final int TOGETHER_BYTES = 64 * 1024;

  /** What is kept while it cannot be written. */
  private static final int MOST_BYTES = 16 * 1024 * 1024;

  private final Path folder;

  // ---- all only accessed by the thread that reports
  private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
  // opened with the first event
  private @Nullable FileChannel file;
  // how much of the file is whole lines
  private long whole;
  private long lastWrite = System.nanoTime() - TOGETHER_NANOS;
  private long lost;

  /**
   * Makes the folder, with its parents.
   *
   * @throws IOException if that is not possible
   */
  public JsonReporter(Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
  }

  @Override
  public void fire(MinionEvent event) throws IOException {
    if (file == null) {
      file = FileChannel.open(folder.resolve(event.uid()), CREATE, WRITE);
      whole = file.size();
    }
    byte[] line = (EventJson.write(event) + "\n").getBytes(StandardCharsets.UTF_8);
    if (pending.size() > 0 && pending.size() + line.length > MOST_BYTES) {
      lost++;
      throw new IOException("%s events were lost, as none can be written".formatted(lost));
    }
    pending.writeBytes(line);
    if (pending.size() >= TOGETHER_BYTES || System.nanoTime() - lastWrite >= TOGETHER_NANOS) {
      write();
    }
  }

  private void write() throws IOException {
    if (file == null || pending.size() == 0) {
      return;
    }
    lastWrite = System.nanoTime();
    ByteBuffer lines = ByteBuffer.wrap(pending.toByteArray());
    // again from the same place, if the last try has left a part
    long place = whole;
    while (lines.hasRemaining()) {
      place += file.write(lines, place);
    }
    whole = place;
    pending.reset();
  }

  @Override
  public boolean wantsStatus() {
    return true;
  }

  @Override
  public void status(MinionStatus status) throws IOException {
    write();
    Path statuses = Files.createDirectories(folder.resolve(STATUS));
    Path written = statuses.resolve(status.uid() + ".tmp");
    Files.write(written, ReportJson.JSON.writeValueAsBytes(status));
    Files.move(
        written, statuses.resolve(status.uid() + STATUS_FILE), ATOMIC_MOVE, REPLACE_EXISTING);
  }

  @Override
  public void close() throws IOException {
    try (FileChannel _ = file) {
      write();
    } finally {
      file = null;
    }
  }
}
