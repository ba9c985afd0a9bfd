package dev.grain.journal;

import dev.grain.bytes.Bytes;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * The contents of a journal up to where it is whole, read in the plainest way from its bytes in
 * memory: what the reader is held against.
 *
 * @param values the last value of each job, by its key
 * @param completed how many lives have ended in good order
 * @param end where the first entry would be that is not whole
 */
record SoundPart(Map<Bytes, Bytes> values, int completed, int end) {
  static final int MARKER = 0xe7_4a_52_4e;

  private static final int KINDS = 3;

  /** Reads a file with a right header. */
  static SoundPart of(byte[] file) {
    Map<Bytes, Bytes> values = new LinkedHashMap<>();
    int completed = 0;
    ByteBuffer in = ByteBuffer.wrap(file, JournalFormat.HEADER, file.length - JournalFormat.HEADER);
    while (in.remaining() >= JournalFormat.FRAME) {
      int start = in.position();
      boolean marked = in.getInt() == MARKER;
      long length = in.getLong();
      int crc = in.getInt();
      byte type = in.get();
      if (!marked || length < 0 || length > in.remaining()) {
        return new SoundPart(values, completed, start);
      }
      byte[] payload = new byte[(int) length];
      in.get(payload);
      if (crc != crc(type, payload) || !add(type, ByteBuffer.wrap(payload), values)) {
        return new SoundPart(values, completed, start);
      }
      completed += type == 4 ? 1 : 0;
    }
    return new SoundPart(values, completed, in.position());
  }

  static int crc(byte type, byte[] payload) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(Long.BYTES).putLong(payload.length).flip());
    crc.update(type);
    crc.update(payload);
    return (int) crc.getValue();
  }

  /** Returns whether it is an entry. */
  private static boolean add(byte type, ByteBuffer payload, Map<Bytes, Bytes> values) {
    try {
      return switch (type) {
        case 1 -> {
          bytes(payload.getShort() & 0xffff, payload);
          payload.getLong();
          yield !payload.hasRemaining();
        }
        case 2 -> addEnded(payload, values);
        case 3 -> payload.remaining() == JournalFormat.KEY;
        case 4 -> !payload.hasRemaining();
        default -> false;
      };
    } catch (BufferUnderflowException e) {
      return false;
    }
  }

  private static boolean addEnded(ByteBuffer payload, Map<Bytes, Bytes> values) {
    Bytes key = bytes(JournalFormat.KEY, payload);
    byte kind = payload.get();
    payload.getInt();
    payload.getLong();
    bytes(payload.getShort() & 0xffff, payload);
    if (kind < 1 || kind > KINDS) {
      return false;
    }
    values.put(key, bytes(payload.remaining(), payload));
    return true;
  }

  private static Bytes bytes(int count, ByteBuffer from) {
    byte[] bytes = new byte[count];
    from.get(bytes);
    return Bytes.of(bytes);
  }
}
