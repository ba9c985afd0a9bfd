package dev.grain.session;

import dev.grain.bytes.Bytes;
import dev.grain.message.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Frames as bytes, both directions of one connection: a length of four bytes, which counts what
 * follows it; a type of one byte; the content of the frame.
 *
 * <p>A frame of a type from 0x80 on that this release does not know is skipped; any other unknown
 * type is an error. To be used on the loop of the connection.
 */
public final class FrameCodec {
  /** How many bytes may follow the length. */
  public static final int MOST_BYTES = 1024 * 1024;

  private static final int LENGTH_BYTES = Integer.BYTES;
  private static final int FIRST_OPTIONAL = 0x80;

  private static final int MESSAGES = 0x01;
  private static final int CHUNK = 0x02;
  private static final int LARGE = 0x03;
  private static final int ACK = 0x04;
  private static final int TOO_LARGE = 0x05;
  private static final int GOODBYE = 0x06;
  private static final int HEARTBEAT = 0x07;
  private static final int HOLD = 0x81;
  private static final int GO_ON = 0x82;

  /** How many bytes a chunk has before its data, at most: its type and three numbers. */
  private static final int MOST_BEFORE_DATA = 31;

  /** From how many bytes on a buffer with a chunk refers to it and has no copy of it. */
  private static final int NOT_COPIED = 4 * 1024;

  private final FrameWriter out;
  private final Interned.Receiver received;
  // what has arrived of a frame
  private byte[] arrived = new byte[1024];
  // the chunk of which only a part has arrived; its beginning has been read
  private @Nullable PartOfChunk partOfChunk;

  /**
   * Makes the codec of a new connection.
   *
   * @param intern how many byte sequences each side keeps, to send them once; the same on both
   *     sides
   */
  public FrameCodec(int intern) {
    this.out = new FrameWriter(new Interned.Sender(intern));
    this.received = new Interned.Receiver(intern);
  }

  // ---------------------------------------------------------------- writing

  /**
   * Returns the bytes of the frame. What is returned must be sent, in this order: later frames
   * refer to it.
   *
   * @param allocator makes the buffer, which the caller releases
   * @throws IllegalArgumentException if the frame takes more than {@link #MOST_BYTES}
   */
  public ByteBuf encode(Frame frame, ByteBufAllocator allocator) {
    out.clear();
    Bytes tail = write(frame);
    byte[] wrapped = tail.single();
    if (wrapped == null || wrapped.length < NOT_COPIED) {
      out.rest(tail);
      wrapped = null;
    }
    int more = wrapped == null ? 0 : wrapped.length;
    int length = out.length() + more;
    if (length > MOST_BYTES) {
      throw new IllegalArgumentException(
          "A frame of %s bytes, where %s may be".formatted(length, MOST_BYTES));
    }
    ByteBuf buffer = allocator.buffer(LENGTH_BYTES + out.length());
    buffer.writeInt(length);
    out.moveTo(buffer);
    return wrapped == null
        ? buffer
        : Unpooled.wrappedBuffer(buffer, Unpooled.wrappedBuffer(wrapped));
  }

  /** Writes all but the bytes at the end of a chunk, which it returns. */
  private Bytes write(Frame frame) {
    switch (frame) {
      case Frame.Messages(long first, List<? extends Message> messages) -> {
        out.unsignedByte(MESSAGES);
        out.number(first);
        messages.forEach(message -> MessageCodec.write(message, out));
      }
      case Frame.Chunk(long number, long value, long left, Bytes data) -> {
        out.unsignedByte(CHUNK);
        out.number(number);
        out.number(value);
        out.number(left);
        return data;
      }
      case Frame.Large(long number, Message message, List<Frame.Part> parts) -> {
        out.unsignedByte(LARGE);
        out.number(number);
        MessageCodec.write(message, out);
        for (Frame.Part part : parts) {
          out.integer(part.field());
          out.number(part.value());
        }
      }
      case Frame.Ack(long number) -> {
        out.unsignedByte(ACK);
        out.number(number);
      }
      case Frame.TooLarge(long value) -> {
        out.unsignedByte(TOO_LARGE);
        out.number(value);
      }
      case Frame.Hold(long value) -> {
        out.unsignedByte(HOLD);
        out.number(value);
      }
      case Frame.GoOn(long value) -> {
        out.unsignedByte(GO_ON);
        out.number(value);
      }
      case Frame.Goodbye(String reason) -> {
        out.unsignedByte(GOODBYE);
        out.text(MessageCodec.cut(reason));
      }
      case Frame.Heartbeat _ -> out.unsignedByte(HEARTBEAT);
    }
    return Bytes.empty();
  }

  // ---------------------------------------------------------------- reading

  /** A chunk whose data are arriving, and go where they will stay. */
  private static final class PartOfChunk {
    final long number;
    final long value;
    final long left;
    final byte[] data;
    int filled;

    PartOfChunk(FrameReader in) throws WireException {
      number = in.number();
      value = in.number();
      left = in.number();
      data = new byte[in.left()];
      filled = in.moveTo(data);
    }

    boolean fill(ByteBuf in) {
      int count = Math.min(data.length - filled, in.readableBytes());
      in.readBytes(data, filled, count);
      filled += count;
      return filled == data.length;
    }

    Frame.Chunk toFrame() {
      return new Frame.Chunk(number, value, left, Bytes.of(data));
    }
  }

  /**
   * Reads the next frame, and skips those before it that this release does not know and need not
   * know.
   *
   * @param in what has arrived; read up to the end of the frame, or as far as there is no need to
   *     see it again
   * @return the frame, or null if it has not arrived as a whole
   * @throws WireException if what has arrived is no frame
   */
  public @Nullable Frame decode(ByteBuf in) throws WireException {
    while (partOfChunk == null && in.readableBytes() >= LENGTH_BYTES) {
      int length = in.getInt(in.readerIndex());
      if (length < 1 || length > MOST_BYTES) {
        throw new WireException(
            "A frame is said to have %s bytes; it may have 1 to %s."
                .formatted(Integer.toUnsignedLong(length), MOST_BYTES));
      }
      int needed = isChunk(in) ? Math.min(length, MOST_BEFORE_DATA) : length;
      if (in.readableBytes() < LENGTH_BYTES + needed) {
        return null;
      }
      in.skipBytes(LENGTH_BYTES);
      Frame frame = read(open(in, needed, length));
      if (frame != null) {
        return frame;
      }
    }
    return restOfChunk(in);
  }

  private static boolean isChunk(ByteBuf in) {
    return in.readableBytes() > LENGTH_BYTES
        && in.getUnsignedByte(in.readerIndex() + LENGTH_BYTES) == CHUNK;
  }

  private @Nullable Frame restOfChunk(ByteBuf in) {
    PartOfChunk part = partOfChunk;
    if (part == null || !part.fill(in)) {
      return null;
    }
    partOfChunk = null;
    return part.toFrame();
  }

  /** Copies the frame, or its beginning, as single bytes are read faster from an array. */
  private FrameReader open(ByteBuf in, int count, int length) {
    if (arrived.length < count) {
      arrived = new byte[count];
    }
    in.readBytes(arrived, 0, count);
    return new FrameReader(arrived, count, length, received);
  }

  /** Returns the frame, or null if there is none to hand on, or not yet. */
  private @Nullable Frame read(FrameReader in) throws WireException {
    int type = in.unsignedByte();
    if (type == CHUNK) {
      partOfChunk = new PartOfChunk(in);
      return null;
    }
    Frame frame =
        switch (type) {
          case MESSAGES -> readMessages(in);
          case LARGE -> readLarge(in);
          case ACK -> new Frame.Ack(in.number());
          case TOO_LARGE -> new Frame.TooLarge(in.number());
          case HOLD -> new Frame.Hold(in.number());
          case GO_ON -> new Frame.GoOn(in.number());
          case GOODBYE -> new Frame.Goodbye(in.text());
          case HEARTBEAT -> new Frame.Heartbeat();
          default -> null;
        };
    if (frame == null && type < FIRST_OPTIONAL) {
      throw in.malformed("has the unknown type %s".formatted(type));
    }
    if (frame != null && in.hasMore()) {
      throw in.malformed("continues after its end");
    }
    return frame;
  }

  private static Frame.Messages readMessages(FrameReader in) throws WireException {
    long first = in.number();
    List<Message> messages = new ArrayList<>();
    do {
      messages.add(MessageCodec.read(in));
    } while (in.hasMore());
    return new Frame.Messages(first, messages);
  }

  private static Frame.Large readLarge(FrameReader in) throws WireException {
    long number = in.number();
    Message message = MessageCodec.read(in);
    List<Frame.Part> parts = new ArrayList<>();
    do {
      parts.add(new Frame.Part(in.integer(), in.number()));
    } while (in.hasMore());
    return new Frame.Large(number, message, parts);
  }
}
