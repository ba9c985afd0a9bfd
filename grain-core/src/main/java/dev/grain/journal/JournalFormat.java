package dev.grain.journal;

import dev.grain.bytes.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a journal. Its header: 8 bytes that no other file starts with, and the version in 4
 * bytes. Then frames, each of them a marker of 4 bytes, the length of the payload in 8, the CRC32C
 * of length, type and payload in 4, the type in 1, and the payload. Numbers have the highest byte
 * first, texts are in UTF-8 behind their length in 2 bytes.
 */
final class JournalFormat {
  static final int VERSION = 1;
  static final int KEY = 32;

  /** How long the header of the file is. */
  static final int HEADER = 12;

  /** How long what stands in front of a payload is. */
  static final int FRAME = 17;

  /** The longest payload without its value: the fixed part, and a name of a worker. */
  static final int LONGEST_START = 64 * 1024 + 256;

  private static final byte[] MAGIC = {(byte) 0x8e, 'G', 'R', 'A', 'I', 'N', 'J', '\n'};
  private static final int MARKER = 0xe7_4a_52_4e;

  private static final byte LIFE = 1;
  private static final byte ENDED = 2;
  private static final byte USED = 3;
  private static final byte COMPLETED = 4;

  /** What an ended job has beside the name of its worker and the value. */
  private static final int ENDED_FIXED = KEY + 1 + 4 + 8 + 2;

  private JournalFormat() {}

  static byte[] header() {
    return ByteBuffer.allocate(HEADER).put(MAGIC).putInt(VERSION).array();
  }

  /** Returns whether a file that starts like this is a journal, of whatever version. */
  static boolean isJournal(byte[] header) {
    return header.length == HEADER && Arrays.equals(MAGIC, Arrays.copyOf(header, MAGIC.length));
  }

  static int versionOf(byte[] header) {
    return ByteBuffer.wrap(header).getInt(MAGIC.length);
  }

  /** Returns whether this is what is there of a header when its writing was cut off. */
  static boolean isBegunHeader(byte[] start) {
    return start.length < HEADER && Arrays.equals(start, Arrays.copyOf(header(), start.length));
  }

  /** What stands in front of a payload. */
  record Block(long length, int crc, byte type) {
    /** Returns what is in front of the payload, or null if this is none. */
    static @Nullable Block of(byte[] start) {
      ByteBuffer buffer = ByteBuffer.wrap(start);
      boolean marked = buffer.getInt() == MARKER;
      Block block = new Block(buffer.getLong(), buffer.getInt(), buffer.get());
      return marked && block.length >= 0 && block.type >= LIFE && block.type <= COMPLETED
          ? block
          : null;
    }

    /** Returns the check sum of all but the payload. */
    CRC32C begunCrc() {
      return begin(length, type);
    }

    boolean hasValue() {
      return type == ENDED;
    }
  }

  /** Returns whether frames can start with this byte; for those who search for one. */
  static boolean mayBegin(byte first) {
    return first == (byte) (MARKER >>> 24);
  }

  private static CRC32C begin(long length, byte type) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(9).putLong(length).put(type).flip());
    return crc;
  }

  /** Returns the bytes of an entry up to its value; a value follows as it is. */
  static byte[] encode(JournalEntry entry) {
    byte[] start = startOf(entry);
    byte type = typeOf(entry);
    Bytes value = entry instanceof JournalEntry.Ended ended ? ended.value() : Bytes.empty();
    long length = start.length + value.length();
    CRC32C crc = begin(length, type);
    crc.update(start);
    value.chunks().forEach(crc::update);
    return ByteBuffer.allocate(FRAME + start.length)
        .putInt(MARKER)
        .putLong(length)
        .putInt((int) crc.getValue())
        .put(type)
        .put(start)
        .array();
  }

  private static byte typeOf(JournalEntry entry) {
    return switch (entry) {
      case JournalEntry.Life _ -> LIFE;
      case JournalEntry.Ended _ -> ENDED;
      case JournalEntry.Used _ -> USED;
      case JournalEntry.Completed _ -> COMPLETED;
    };
  }

  private static byte[] startOf(JournalEntry entry) {
    var bytes = new ByteArrayOutputStream(96);
    try (var out = new DataOutputStream(bytes)) {
      switch (entry) {
        case JournalEntry.Life life -> {
          text(life.run(), out);
          out.writeLong(life.millis());
        }
        case JournalEntry.Ended ended -> {
          key(ended.key(), out);
          out.writeByte(ended.kind().code());
          out.writeInt(ended.attempt());
          out.writeLong(ended.ran());
          text(ended.worker(), out);
        }
        case JournalEntry.Used used -> key(used.key(), out);
        case JournalEntry.Completed _ -> {}
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void key(Bytes key, DataOutputStream out) throws IOException {
    if (key.length() != KEY) {
      throw new IllegalArgumentException("A key of " + key.length() + " bytes");
    }
    // not as a stream, whose transfer takes 16 KiB
    for (byte[] chunk : key.chunks()) {
      out.write(chunk);
    }
  }

  private static void text(String text, DataOutputStream out) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(bytes.length, 0xffff);
    out.writeShort(length);
    out.write(bytes, 0, length);
  }

  /**
   * An entry that was read, without its value.
   *
   * @param entry has no value, whatever the file contains
   * @param start how many bytes of the payload come before the value
   */
  record Decoded(JournalEntry entry, int start) {}

  /**
   * Decodes an entry.
   *
   * @param start the payload, or as much of it as {@link #LONGEST_START}
   * @return null if it is none, though its check sum is right
   */
  static @Nullable Decoded decode(Block block, byte[] start) {
    try (var in = new DataInputStream(Bytes.of(start).stream())) {
      Decoded decoded =
          switch (block.type) {
            case LIFE -> {
              String run = text(in);
              yield new Decoded(
                  new JournalEntry.Life(run, in.readLong()), start.length - in.available());
            }
            case ENDED -> decodeEnded(in);
            case COMPLETED -> new Decoded(new JournalEntry.Completed(), 0);
            default -> new Decoded(new JournalEntry.Used(Bytes.of(in.readNBytes(KEY))), KEY);
          };
      boolean whole = block.hasValue() || decoded.start == block.length;
      return whole && start.length >= decoded.start ? decoded : null;
    } catch (IOException e) {
      return null;
    }
  }

  private static Decoded decodeEnded(DataInputStream in) throws IOException {
    Bytes key = Bytes.of(in.readNBytes(KEY));
    JournalEntry.Kind kind = JournalEntry.Kind.of(in.readUnsignedByte());
    if (kind == null) {
      throw new StreamCorruptedException("Unknown kind of end");
    }
    int attempt = in.readInt();
    long ran = in.readLong();
    int length = in.readUnsignedShort();
    String worker = text(in, length);
    return new Decoded(
        new JournalEntry.Ended(key, kind, attempt, ran, worker, Bytes.empty()),
        ENDED_FIXED + length);
  }

  private static String text(DataInputStream in) throws IOException {
    return text(in, in.readUnsignedShort());
  }

  private static String text(DataInputStream in, int length) throws IOException {
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
