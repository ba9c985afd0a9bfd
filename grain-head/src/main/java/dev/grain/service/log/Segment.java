package dev.grain.service.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The format of a segment: a header, which has how much was printed before it, and records. A
 * record has its stream and its length in four bytes, a CRC-32C of these and of its text, and its
 * text. What follows the last record that is whole is not there.
 */
final class Segment {
  /** How many bytes the header has. */
  static final int HEADER = 28;

  /** How many bytes a record has before its text. */
  static final int RECORD_HEADER = 8;

  /** The longest text of a record. */
  static final int LONGEST = 1 << 14;

  private static final byte[] MAGIC = "GRAINLG1".getBytes(StandardCharsets.US_ASCII);
  private static final int BUFFER = 2 * (RECORD_HEADER + LONGEST);

  private Segment() {}

  /** Takes records one after the other. */
  interface Visitor {
    /**
     * Takes a record.
     *
     * @param text only valid during the call
     * @return whether to go on
     */
    boolean visit(LogStream printed, ByteBuffer text) throws IOException;
  }

  // ---------------------------------------------------------------- writing

  /** Adds a header to a buffer. */
  static void putHeader(ByteBuffer target, Lengths before) {
    int start = target.position();
    target.put(MAGIC).putLong(before.out()).putLong(before.err());
    target.putInt(checksum(target, start));
  }

  /** Adds a record to a buffer. */
  static void putRecord(ByteBuffer target, LogStream printed, byte[] text, int from, int length) {
    int start = target.position();
    target.putInt(printed.code() << Short.SIZE | length).putInt(0);
    target.put(text, from, length);
    target.putInt(start + Integer.BYTES, checksum(target, start));
  }

  private static int checksum(ByteBuffer written, int start) {
    CRC32C crc = new CRC32C();
    crc.update(written.duplicate().flip().position(start));
    return (int) crc.getValue();
  }

  // ---------------------------------------------------------------- reading

  /** Returns how much was printed before a segment; empty if it is not there, or has no header. */
  static Optional<Lengths> before(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return before(channel);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private static Optional<Lengths> before(FileChannel channel) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    while (header.hasRemaining()) {
      if (channel.read(header, header.position()) < 0) {
        return Optional.empty();
      }
    }
    header.flip();
    byte[] magic = new byte[MAGIC.length];
    header.get(magic);
    Lengths before = new Lengths(header.getLong(), header.getLong());
    ByteBuffer expected = ByteBuffer.allocate(HEADER);
    putHeader(expected, before);
    return header.rewind().equals(expected.flip()) ? Optional.of(before) : Optional.empty();
  }

  /**
   * Passes on records.
   *
   * @param from the position in the file where one begins, or the first is to be expected
   * @return where the first one begins that was not passed on
   * @throws NoSuchFileException if the segment is not there
   */
  static long read(Path file, long from, Visitor visitor) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
      long at = from;
      while (true) {
        int count = channel.read(buffer, at + buffer.position());
        buffer.flip();
        boolean goesOn = true;
        int length = length(buffer);
        boolean visited = false;
        while (goesOn && length >= 0) {
          visited = true;
          LogStream printed = printed(buffer.getInt(buffer.position()));
          int start = buffer.position() + RECORD_HEADER;
          goesOn = visitor.visit(printed, buffer.slice(start, length));
          buffer.position(start + length);
          at += RECORD_HEADER + length;
          length = length(buffer);
        }
        if (!goesOn || (count < 0 && !visited)) {
          return at;
        }
        if (!visited && buffer.limit() == buffer.capacity()) {
          // two of the longest records would fit, so this is none
          return at;
        }
        buffer.compact();
      }
    }
  }

  /** Returns the length of the text of the record that comes next; negative if it is not whole. */
  private static int length(ByteBuffer buffer) {
    if (buffer.remaining() < RECORD_HEADER) {
      return -1;
    }
    int start = buffer.position();
    int word = buffer.getInt(start);
    int length = word & 0xffff;
    int printed = word >>> Short.SIZE;
    boolean possible =
        length > 0
            && length <= LONGEST
            && (printed == LogStream.OUT.code() || printed == LogStream.ERR.code());
    if (!possible || buffer.remaining() < RECORD_HEADER + length) {
      return -1;
    }
    CRC32C crc = new CRC32C();
    crc.update(buffer.slice(start, Integer.BYTES));
    crc.update(ByteBuffer.allocate(Integer.BYTES));
    crc.update(buffer.slice(start + RECORD_HEADER, length));
    return (int) crc.getValue() == buffer.getInt(start + Integer.BYTES) ? length : -1;
  }

  private static LogStream printed(int word) {
    return word >>> Short.SIZE == LogStream.ERR.code() ? LogStream.ERR : LogStream.OUT;
  }

  /**
   * What a segment has.
   *
   * @param before how much was printed before it
   * @param after how much was printed by its end
   * @param size where its last whole record ends
   */
  record Content(Lengths before, Lengths after, long size) {}

  /** Returns what a segment has; empty if it is not there, or has no header. */
  static Optional<Content> content(Path file) throws IOException {
    Optional<Lengths> before = before(file);
    if (before.isEmpty()) {
      return Optional.empty();
    }
    Lengths[] after = {before.get()};
    try {
      long size =
          read(
              file,
              HEADER,
              (printed, text) -> {
                after[0] = after[0].plus(printed, text.remaining());
                return true;
              });
      return Optional.of(new Content(before.get(), after[0], size));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }
}
