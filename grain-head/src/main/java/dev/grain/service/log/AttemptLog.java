package dev.grain.service.log;

import dev.grain.bytes.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Writes the log of an attempt, behind what an earlier process of the head has written. What cannot
 * be written is counted, and the log says so as soon as it can be written again.
 *
 * <p>Only used by the thread that writes.
 */
final class AttemptLog {
  /** How much is collected until it is written; a segment is that much longer at most. */
  private static final int COLLECTED = 1 << 18;

  private final LogFolder folder;
  private final LogLimits limits;
  private final long job;
  private final int attempt;

  // shared by all logs; only one of them has collected something
  private final ByteBuffer collected;

  private boolean found;
  private int segment;
  // the size of the segment, 0 if it is not there; and what was printed before its end
  private long size;
  private Lengths printed = Lengths.NONE;
  // how many bytes all segments of the job have
  private long total;
  // where the records begin that were collected, with their lengths
  private final List<Collected> records = new ArrayList<>();
  private Lengths lost = Lengths.NONE;
  private String whyLost = "";

  /**
   * A record that is not written yet.
   *
   * @param end where it ends in the buffer
   * @param length of its text
   * @param standsFor how many lost bytes it reports; 0 if it is output
   */
  private record Collected(LogStream printed, int end, int length, long standsFor) {}

  AttemptLog(LogFolder folder, LogLimits limits, ByteBuffer collected, long job, int attempt) {
    this.folder = folder;
    this.limits = limits;
    this.collected = collected;
    this.job = job;
    this.attempt = attempt;
  }

  /** Returns a buffer for the logs of a thread. */
  static ByteBuffer buffer() {
    // what is collected, one more record, and two that say what is missing
    return ByteBuffer.allocate(
        COLLECTED + Segment.HEADER + 3 * (Segment.RECORD_HEADER + Segment.LONGEST));
  }

  long job() {
    return job;
  }

  int attempt() {
    return attempt;
  }

  /** Returns whether something of it is in the file. */
  boolean hasWritten() {
    return size > 0;
  }

  /** Returns whether something is missing that the log does not say yet. */
  boolean owes() {
    return !lost.equals(Lengths.NONE);
  }

  // ---------------------------------------------------------------- collecting

  /** Adds what was printed; it is written by {@link #flush} at the latest. */
  void add(LogStream stream, Bytes text) {
    for (byte[] chunk : text.chunks()) {
      for (int from = 0; from < chunk.length; from += Segment.LONGEST) {
        add(stream, chunk, from, Math.min(Segment.LONGEST, chunk.length - from));
      }
    }
  }

  private void add(LogStream stream, byte[] text, int from, int length) {
    if (records.isEmpty()) {
      begin();
    }
    collect(stream, text, from, length, 0);
    if (collected.position() >= Math.min(COLLECTED, limits.segment())) {
      flush();
    }
  }

  /** Leaves room for a header, and says first what is missing. */
  private void begin() {
    collected.clear().position(Segment.HEADER);
    say(LogStream.OUT);
    say(LogStream.ERR);
  }

  private void say(LogStream stream) {
    long missing = lost.of(stream);
    if (missing > 0) {
      byte[] text =
          "[... %s bytes of output are missing here: %s ...]\n"
              .formatted(missing, whyLost)
              .getBytes(StandardCharsets.UTF_8);
      collect(stream, text, 0, Math.min(text.length, Segment.LONGEST), missing);
    }
  }

  private void collect(LogStream stream, byte[] text, int from, int length, long standsFor) {
    Segment.putRecord(collected, stream, text, from, length);
    records.add(new Collected(stream, collected.position(), length, standsFor));
  }

  /** Notes that output is missing; to be called when nothing is collected that came after it. */
  void miss(LogStream stream, long bytes, String why) {
    lost = lost.plus(stream, bytes);
    whyLost = why;
  }

  // ---------------------------------------------------------------- writing

  /**
   * Writes what was collected, or what is missing.
   *
   * @return why not all of it could be written; empty if it could
   */
  Optional<IOException> flush() {
    if (records.isEmpty() && owes()) {
      begin();
    }
    if (records.isEmpty()) {
      return Optional.empty();
    }
    Written written;
    try {
      find();
      roll();
      makeRoom();
      ensureSpace();
      written = write();
    } catch (IOException e) {
      written = new Written(0, Optional.of(e));
    }
    account(written);
    records.clear();
    return written.failure();
  }

  /**
   * What has become of the records.
   *
   * @param end where the last one ends in the buffer that is in the file
   */
  private record Written(int end, Optional<IOException> failure) {}

  private void account(Written written) {
    String why = written.failure().map(AttemptLog::reason).orElse("");
    for (Collected each : records) {
      if (each.end() <= written.end()) {
        printed = printed.plus(each.printed(), each.length());
        lost = lost.plus(each.printed(), -each.standsFor());
      } else if (each.standsFor() == 0) {
        miss(each.printed(), each.length(), why);
      }
    }
  }

  private static String reason(IOException e) {
    return isFull(e)
        ? "the disk of the head was full"
        : "the head could not write it (%s)".formatted(e);
  }

  /** Returns whether it is for lack of space that something cannot be written. */
  static boolean isFull(IOException e) {
    String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("no space left") || message.contains("quota exceeded");
  }

  /** Finds out where to go on. */
  private void find() throws IOException {
    if (found) {
      return;
    }
    folder.prepare(job);
    segment = 0;
    size = 0;
    printed = Lengths.NONE;
    total = 0;
    for (SegmentName each : folder.of(job)) {
      total += Files.size(folder.path(each));
    }
    List<SegmentName> own = folder.of(job, attempt);
    for (SegmentName each : own.reversed()) {
      Optional<Segment.Content> content = Segment.content(folder.path(each));
      if (content.isPresent()) {
        segment = each.segment();
        size = content.get().size();
        printed = content.get().after();
        break;
      }
      // its process was killed before it had a header
      Files.delete(folder.path(each));
    }
    found = true;
  }

  /** Begins another segment if this one is full. */
  private void roll() {
    if (size >= limits.segment()) {
      segment++;
      size = 0;
    }
  }

  /** Removes what the log of the job has no room for any more, the oldest first. */
  private void makeRoom() throws IOException {
    if (total + collected.position() <= limits.most()) {
      return;
    }
    for (SegmentName each : folder.of(job)) {
      boolean stays =
          each.attempt() > attempt
              || (each.isOf(attempt)
                  && (each.segment() < limits.start() || each.segment() >= segment - 1));
      if (!stays && total + collected.position() > limits.most()) {
        Path file = folder.path(each);
        long freed = Files.size(file);
        Files.delete(file);
        total -= freed;
      }
    }
  }

  private void ensureSpace() throws IOException {
    long free = Files.getFileStore(folder.root()).getUsableSpace();
    if (free - limits.reserve() < collected.position()) {
      throw new IOException(
          "No space left but the %s bytes in reserve".formatted(limits.reserve()));
    }
  }

  /** Writes what was collected; of a record that cannot be written, nothing is left. */
  private Written write() throws IOException {
    int start = size == 0 ? 0 : Segment.HEADER;
    if (size == 0) {
      Segment.putHeader(collected.duplicate().clear(), printed);
    }
    ByteBuffer source = collected.duplicate().flip().position(start);
    Path file = folder.path(new SegmentName(job, attempt, segment));
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      if (channel.size() < size) {
        found = false;
        throw new IOException("%s has become shorter".formatted(file));
      }
      // what a process has left that was killed
      channel.truncate(size);
      Optional<IOException> failure = Optional.empty();
      while (failure.isEmpty() && source.hasRemaining()) {
        try {
          int _ = channel.write(source, size + source.position() - start);
        } catch (IOException e) {
          failure = Optional.of(e);
        }
      }
      int end = endOfRecords(source.position());
      long more = Math.max(0, end - start);
      if (failure.isPresent()) {
        channel.truncate(size + more);
      }
      size += more;
      total += more;
      return new Written(end, failure);
    }
  }

  /** Returns where the last record ends of which all was written; 0 for none. */
  private int endOfRecords(int written) {
    return records.stream().mapToInt(Collected::end).filter(end -> end <= written).max().orElse(0);
  }
}
