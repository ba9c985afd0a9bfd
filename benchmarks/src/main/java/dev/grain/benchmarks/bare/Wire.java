package dev.grain.benchmarks.bare;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.internal.PlatformDependent;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One connection, at either end. A frame is its length, the number of a job, and bytes.
 *
 * <p>Whatever waits when the loop gets to it leaves by as few writes as it fits into, and one
 * flush.
 */
abstract class Wire extends ChannelInboundHandlerAdapter {
  private static final int HEADER = 2 * Integer.BYTES;
  private static final int WRITE = 64 * 1024;
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private final Channel channel;
  private final Queue<Sendable> waiting = PlatformDependent.newMpscQueue();
  private final Runnable send = this::send;
  // true from the moment that the loop is woken until it looks; set by any thread
  private final AtomicBoolean woken = new AtomicBoolean();

  // only accessed by the loop
  private final byte[] batch = new byte[WRITE];
  private int batched;
  private byte[] received = new byte[WRITE];
  private int end;

  Wire(Channel channel) {
    this.channel = channel;
  }

  /**
   * Takes a frame in, on the loop.
   *
   * @param id the number of the job
   * @param buffer where the bytes of the frame are, until this returns
   * @param from where they start
   * @param to where they end
   */
  abstract void receive(int id, byte[] buffer, int from, int to);

  /** Hears that the connection has ended, on the loop. */
  abstract void ended();

  /** Sends a frame soon. For all threads. */
  void add(Sendable frame) {
    waiting.add(frame);
    if (!woken.get() && woken.compareAndSet(false, true)) {
      channel.eventLoop().execute(send);
    }
  }

  private void send() {
    woken.set(false);
    for (Sendable frame = waiting.poll(); frame != null; frame = waiting.poll()) {
      put(frame.id(), frame.bytes());
    }
    write();
    channel.flush();
  }

  private void put(int id, byte[] bytes) {
    if (batched + HEADER + bytes.length > WRITE) {
      write();
    }
    if (HEADER + bytes.length > WRITE) {
      writeAlone(id, bytes);
      return;
    }
    INT.set(batch, batched, Integer.BYTES + bytes.length);
    INT.set(batch, batched + Integer.BYTES, id);
    System.arraycopy(bytes, 0, batch, batched + HEADER, bytes.length);
    batched += HEADER + bytes.length;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // what goes wrong comes back through the channel
  private void write() {
    if (batched > 0) {
      ByteBuf out = channel.alloc().directBuffer(batched).writeBytes(batch, 0, batched);
      batched = 0;
      channel.write(out, channel.voidPromise());
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // as above
  private void writeAlone(int id, byte[] bytes) {
    ByteBuf out = channel.alloc().directBuffer(HEADER + bytes.length);
    out.writeInt(Integer.BYTES + bytes.length).writeInt(id).writeBytes(bytes);
    channel.write(out, channel.voidPromise());
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf in = (ByteBuf) message;
    int length = in.readableBytes();
    if (end + length > received.length) {
      received = Arrays.copyOf(received, Math.max(end + length, 2 * received.length));
    }
    in.readBytes(received, end, length).release();
    end += length;
    takeFrames();
  }

  private void takeFrames() {
    int at = 0;
    while (end - at >= HEADER) {
      int next = at + Integer.BYTES + (int) INT.get(received, at);
      if (next > end) {
        break;
      }
      receive((int) INT.get(received, at + Integer.BYTES), received, at + HEADER, next);
      at = next;
    }
    end -= at;
    System.arraycopy(received, at, received, 0, end);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    ended();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    ended();
  }
}
