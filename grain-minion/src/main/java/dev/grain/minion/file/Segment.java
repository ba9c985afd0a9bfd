package dev.grain.minion.file;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Some items, as they are in one file, which never changes: a mark, their number, the head of each
 * (deliveries, delay in milliseconds, length of the id, length of the value), their ids and values.
 */
record Segment(List<Item> items) {
  /** The most items in a file, and after how many bytes none is added. */
  static final int MOST_ITEMS = 4096;

  static final int MOST_BYTES = 1 << 20;

  private static final int MARK = 0x47525131; // GRQ1
  private static final int HEAD = 4 * Integer.BYTES;

  /**
   * An item.
   *
   * @param id what identifies it
   * @param value what it has
   * @param deliveries how many times it was delivered before
   * @param delay after how many milliseconds it may be delivered, from when it is claimed
   */
  @SuppressWarnings("ArrayRecordComponent") // not compared anywhere
  record Item(String id, byte[] value, int deliveries, int delay) {
    /** Returns it as it is after one more delivery. */
    Item delivered() {
      return new Item(id, value, deliveries + 1, 0);
    }

    /** Returns it as it is when its delay is over. */
    Item due() {
      return new Item(id, value, deliveries, 0);
    }
  }

  Segment {
    items = List.copyOf(items);
  }

  byte[] encode() {
    List<byte[]> ids =
        items.stream().map(item -> item.id().getBytes(StandardCharsets.UTF_8)).toList();
    long length = 2L * Integer.BYTES;
    for (int i = 0; i < items.size(); i++) {
      length += HEAD + ids.get(i).length + items.get(i).value().length;
    }
    ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(length));
    buffer.putInt(MARK).putInt(items.size());
    for (int i = 0; i < items.size(); i++) {
      Item item = items.get(i);
      buffer.putInt(item.deliveries()).putInt(item.delay());
      buffer.putInt(ids.get(i).length).putInt(item.value().length);
    }
    for (int i = 0; i < items.size(); i++) {
      buffer.put(ids.get(i)).put(items.get(i).value());
    }
    return buffer.array();
  }

  /**
   * Reads what {@link #encode} has made.
   *
   * @param name identifies the segment, and so items that have no id of their own
   * @throws IOException if it is something else
   */
  static Segment decode(String name, byte[] bytes) throws IOException {
    ByteBuffer heads = ByteBuffer.wrap(bytes);
    try {
      if (heads.getInt() != MARK) {
        throw new IOException("it does not start like one");
      }
      int count = heads.getInt();
      ByteBuffer values = ByteBuffer.wrap(bytes);
      // throws if there is no room for so many
      values.position(Math.addExact(heads.position(), Math.multiplyExact(count, HEAD)));
      List<Item> items = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        int deliveries = heads.getInt();
        int delay = heads.getInt();
        byte[] id = bytes(heads.getInt(), values);
        byte[] value = bytes(heads.getInt(), values);
        String own = id.length == 0 ? name + ":" + i : new String(id, StandardCharsets.UTF_8);
        items.add(new Item(own, value, deliveries, delay));
      }
      return new Segment(items);
    } catch (BufferUnderflowException | IllegalArgumentException | ArithmeticException e) {
      throw new IOException("it is cut, or has other bytes than were written", e);
    }
  }

  /** Reads as many bytes as are there, at most: a length may be damaged. */
  private static byte[] bytes(int length, ByteBuffer from) {
    if (length < 0 || length > from.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    from.get(bytes);
    return bytes;
  }
}
