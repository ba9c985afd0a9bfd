package dev.grain.session;

import dev.grain.bytes.Bytes;
import dev.grain.message.Message;
import java.util.List;

/**
 * What goes over a connection in one piece.
 *
 * <p>The {@link Numbered} ones count what they carry: each message and each chunk of a direction
 * has the number after the one before, from 1, over all connections of a session. The others are
 * about the connection and are not numbered.
 */
public sealed interface Frame {
  /** A frame whose contents are delivered once and in order, across connections. */
  sealed interface Numbered extends Frame {
    /** Returns the number of the first thing in it. */
    long first();

    /** Returns the number of the last thing in it. */
    long last();
  }

  /**
   * Messages with consecutive numbers.
   *
   * @param first the number of the first one
   * @param messages at least one
   */
  record Messages(long first, List<? extends Message> messages) implements Numbered {
    @Override
    public long last() {
      return first + messages.size() - 1;
    }
  }

  /**
   * A part of a value that is too large to go with its message. The parts of a value arrive in
   * order and before the message, and those of several values may be mixed.
   *
   * @param number its number
   * @param value which value, counted from 1 within a direction
   * @param left how many bytes of the value are still to come after these
   * @param data at least one byte
   */
  record Chunk(long number, long value, long left, Bytes data) implements Numbered {
    @Override
    public long first() {
      return number;
    }

    @Override
    public long last() {
      return number;
    }
  }

  /**
   * A message whose large values have gone before it.
   *
   * @param number its number
   * @param message the message, with empty sequences in place of its large values
   * @param parts where the values belong; at least one
   */
  record Large(long number, Message message, List<Part> parts) implements Numbered {
    @Override
    public long first() {
      return number;
    }

    @Override
    public long last() {
      return number;
    }
  }

  /**
   * The place of a large value.
   *
   * @param field which of the byte sequences of the message it is, counted from 0
   * @param value which value
   */
  record Part(int field, long value) {}

  /**
   * Everything up to a number has arrived.
   *
   * @param received the number
   */
  record Ack(long received) implements Frame {}

  /**
   * A value is larger than what its receiver takes: no more chunks of it, please. The message is
   * still to follow.
   *
   * @param value which value
   */
  record TooLarge(long value) implements Frame {}

  /**
   * There is no room for a value now: no more chunks of it, please, until {@link GoOn}, or another
   * connection.
   *
   * @param value which value
   */
  record Hold(long value) implements Frame {}

  /**
   * There is room for a value that was held.
   *
   * @param value which value
   */
  record GoOn(long value) implements Frame {}

  /**
   * The last frame of a side that leaves on purpose.
   *
   * @param reason why, in a sentence
   */
  record Goodbye(String reason) implements Frame {}

  /** A sign of life. */
  record Heartbeat() implements Frame {}
}
