package dev.grain.session;

import dev.grain.bytes.Bytes;
import dev.grain.message.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Messages over one connection within a machine, in the frames of a session, for threads that may
 * wait: any thread writes, and one reads. There is no acknowledgement and no second connection, as
 * both sides end with it.
 *
 * <p>Implementation note: the channel does not block, as one that does is closed when a thread is
 * interrupted that uses it, and the threads of jobs are.
 */
public final class MessageStream implements AutoCloseable {
  private static final int INTERNED = 256;
  private static final int READ_AT_ONCE = 64 * 1024;

  /** More than the large values of any message, which follows them at once. */
  private static final int MOST_VALUES = 16;

  private final SocketChannel channel;
  private final FrameCodec codec = new FrameCodec(INTERNED);
  private final long mostValue;
  private final ReentrantLock writing = new ReentrantLock();
  private final Selector readable;

  // both guarded by the lock
  private long lastNumber;
  private long lastValue;

  // all only accessed by the thread that reads, of which there is one at a time
  private final ByteBuf arrived = Unpooled.buffer(READ_AT_ONCE);
  private final ByteBuffer received = ByteBuffer.allocateDirect(READ_AT_ONCE);
  private final Map<Long, List<Bytes>> parts = new HashMap<>();
  private final Map<Long, Long> sizes = new HashMap<>();
  private Iterator<? extends Message> next = List.<Message>of().iterator();

  /**
   * Makes a stream over a connected channel, which it closes.
   *
   * @param mostValue how many bytes a value of a message may have that is read
   */
  public MessageStream(SocketChannel channel, long mostValue) throws IOException {
    this.channel = channel;
    this.mostValue = mostValue;
    this.readable = selector(channel);
  }

  /** Returns what waits for the channel; closes the channel if there is none to be had. */
  private static Selector selector(SocketChannel channel) throws IOException {
    try {
      channel.configureBlocking(false);
      Selector selector = Selector.open();
      channel.register(selector, SelectionKey.OP_READ);
      return selector;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  // ---------------------------------------------------------------- writing

  /**
   * Writes a message; waits while the other side does not read, interrupted or not.
   *
   * @throws IOException if the connection is closed
   */
  public void write(Message message) throws IOException {
    writing.lock();
    try {
      List<Bytes> values = MessageFields.values(message);
      if (values.stream().allMatch(value -> value.length() < SessionLimits.MOST_SMALL)) {
        write(new Frame.Messages(++lastNumber, List.of(message)));
      } else {
        writeLarge(message, values);
      }
    } finally {
      writing.unlock();
    }
  }

  private void writeLarge(Message message, List<Bytes> values) throws IOException {
    List<Frame.Part> large = new ArrayList<>();
    List<Bytes> small = new ArrayList<>(values);
    for (int field = 0; field < values.size(); field++) {
      Bytes value = values.get(field);
      if (value.length() >= SessionLimits.MOST_SMALL) {
        large.add(new Frame.Part(field, ++lastValue));
        small.set(field, Bytes.empty());
        writeChunks(value);
      }
    }
    write(new Frame.Large(++lastNumber, MessageFields.with(message, small), large));
  }

  private void writeChunks(Bytes value) throws IOException {
    long left = value.length();
    Iterator<Bytes> pieces = value.pieces(SessionLimits.MOST_CHUNK);
    while (pieces.hasNext()) {
      Bytes data = pieces.next();
      left -= data.length();
      write(new Frame.Chunk(++lastNumber, lastValue, left, data));
    }
  }

  private void write(Frame frame) throws IOException {
    ByteBuf encoded = codec.encode(frame, UnpooledByteBufAllocator.DEFAULT);
    try {
      for (ByteBuffer each : encoded.nioBuffers()) {
        writeAll(each);
      }
    } finally {
      encoded.release();
    }
  }

  private void writeAll(ByteBuffer buffer) throws IOException {
    channel.write(buffer);
    if (buffer.hasRemaining()) {
      writeSlowly(buffer);
    }
  }

  private void writeSlowly(ByteBuffer buffer) throws IOException {
    boolean interrupted = false;
    try (Selector writable = Selector.open()) {
      channel.register(writable, SelectionKey.OP_WRITE);
      while (buffer.hasRemaining()) {
        writable.select();
        interrupted |= Thread.interrupted();
        channel.write(buffer);
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  // ---------------------------------------------------------------- reading

  /**
   * Reads the next message; waits for it. Interrupts are ignored, and cleared. To be called by one
   * thread at a time; another one goes on after an action that happens before.
   *
   * @return null at the end of the stream
   * @throws IOException if the connection is broken, or what arrives is no message
   */
  public @Nullable Message read() throws IOException {
    // an interrupted thread would not wait
    var _ = Thread.interrupted();
    while (!next.hasNext()) {
      Frame frame = codec.decode(arrived);
      if (frame != null) {
        onFrame(frame);
      } else if (!receive()) {
        return null;
      }
    }
    return next.next();
  }

  private void onFrame(Frame frame) throws WireException {
    switch (frame) {
      case Frame.Messages(_, List<? extends Message> messages) -> next = messages.iterator();
      case Frame.Chunk(_, long value, long left, Bytes data) -> {
        long size = sizes.merge(value, data.length(), Long::sum);
        if (left < 0 || size > mostValue - left) {
          throw new WireException(
              "A value of %s bytes arrived; at most %s are allowed."
                  .formatted(Long.toUnsignedString(size + left), mostValue));
        }
        if (sizes.size() > MOST_VALUES) {
          throw new WireException(
              "%s values arrived without their messages.".formatted(sizes.size()));
        }
        parts.computeIfAbsent(value, _ -> new ArrayList<>()).add(data);
      }
      case Frame.Large(_, Message message, List<Frame.Part> large) ->
          next = List.of(complete(message, large)).iterator();
      case Frame.Ack _,
          Frame.TooLarge _,
          Frame.Hold _,
          Frame.GoOn _,
          Frame.Goodbye _,
          Frame.Heartbeat _ ->
          throw new WireException("An unexpected frame arrived: " + frame);
    }
  }

  private Message complete(Message message, List<Frame.Part> large) throws WireException {
    List<Bytes> values = new ArrayList<>(MessageFields.values(message));
    for (Frame.Part part : large) {
      List<Bytes> pieces = parts.remove(part.value());
      sizes.remove(part.value());
      if (pieces == null || part.field() < 0 || part.field() >= values.size()) {
        throw new WireException("A message arrived without its value " + part.value() + ".");
      }
      values.set(part.field(), Bytes.join(pieces));
    }
    return MessageFields.with(message, values);
  }

  /** Reads what there is, or waits for something; returns whether there is more to come. */
  private boolean receive() throws IOException {
    arrived.discardReadBytes();
    int count = channel.read(received);
    try {
      while (count == 0) {
        var _ = Thread.interrupted();
        readable.select();
        readable.selectedKeys().clear();
        count = channel.read(received);
      }
    } catch (ClosedSelectorException e) {
      return false;
    }
    if (count < 0) {
      return false;
    }
    received.flip();
    arrived.writeBytes(received);
    received.clear();
    return true;
  }

  /** Closes the connection; whoever reads gets the end of the stream. */
  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      readable.close();
    }
  }
}
