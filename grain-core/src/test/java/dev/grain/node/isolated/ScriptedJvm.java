package dev.grain.node.isolated;

import dev.grain.Allocation;
import dev.grain.message.Message;
import dev.grain.message.Order;
import dev.grain.node.process.Mark;
import dev.grain.session.MessageStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a worker takes for a JVM: a test speaks for it, over real sockets. A launcher of one such.
 */
final class ScriptedJvm implements JvmLaunch, RunningJvm {
  private final JvmFolder folder;
  private final CountDownLatch started = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final CountDownLatch killed = new CountDownLatch(1);
  // guarded by this
  private @Nullable Runnable whenEnded;
  // set by the test before it ends
  private volatile Exit exit = new Exit(0, null, null);
  // both set by the thread of the test
  private @Nullable SocketChannel channel;
  private @Nullable MessageStream orders;
  private @Nullable MessageStream requests;

  private ScriptedJvm(Path folder) {
    this.folder = JvmFolder.ofThisJvm(folder);
  }

  /** Starts those that a test speaks for. */
  static final class Launcher implements JvmLauncher, AutoCloseable {
    private final BlockingQueue<ScriptedJvm> made = new LinkedBlockingQueue<>();
    // only accessed by the test
    private final List<ScriptedJvm> taken = new ArrayList<>();

    @Override
    public JvmLaunch prepare(Request request) {
      ScriptedJvm jvm = new ScriptedJvm(request.folder());
      made.add(jvm);
      return jvm;
    }

    /** Waits for the next one to be started. */
    ScriptedJvm next() throws InterruptedException {
      ScriptedJvm jvm = made.take();
      taken.add(jvm);
      jvm.started.await();
      return jvm;
    }

    /** Ends those that have not ended. */
    @Override
    public void close() {
      taken.forEach(each -> each.end(0));
    }
  }

  // ---------------------------------------------------------------- for the worker

  @Override
  public String java() {
    return "java";
  }

  @Override
  public Path folder() {
    return folder.path();
  }

  @Override
  public Path of(Path file) {
    return file;
  }

  @Override
  public @Nullable Mark mark() {
    return null;
  }

  @Override
  public RunningJvm start(List<String> words, Path printed) throws IOException {
    Files.writeString(printed, "printed by the JVM");
    started.countDown();
    return this;
  }

  @Override
  public void whenEnded(Runnable task) {
    boolean now;
    synchronized (this) {
      whenEnded = task;
      now = ended.getCount() == 0;
    }
    if (now) {
      task.run();
    }
  }

  @Override
  public boolean isElsewhere(Allocation allocation) {
    return false;
  }

  @Override
  public void moveTo(Allocation allocation) {}

  @Override
  public void kill() {
    killed.countDown();
    end(137);
  }

  @Override
  public boolean awaitEnd(long nanos) throws InterruptedException {
    return ended.await(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public Exit close() {
    return exit;
  }

  // ---------------------------------------------------------------- for the test

  ScriptedJvm connect() throws IOException {
    SocketChannel first = SocketChannel.open(UnixDomainSocketAddress.of(folder.socket()));
    channel = first;
    orders = new MessageStream(first, Long.MAX_VALUE);
    requests =
        new MessageStream(
            SocketChannel.open(UnixDomainSocketAddress.of(folder.socket())), Long.MAX_VALUE);
    return this;
  }

  /** Reads the next order; from here on it counts as begun. */
  Order begin() throws IOException {
    Order order = (Order) stream(orders).read();
    BegunNote.open(folder.begun()).count();
    return order;
  }

  Order readOrder() throws IOException {
    return (Order) stream(orders).read();
  }

  @Nullable Message request() throws IOException {
    return stream(requests).read();
  }

  void send(Message message) throws IOException {
    stream(orders).write(message);
  }

  /** Sends what is no message. */
  void send(byte[] bytes) throws IOException {
    stream(orders);
    if (channel != null) {
      channel.write(ByteBuffer.wrap(bytes));
    }
  }

  private static MessageStream stream(@Nullable MessageStream connected) {
    if (connected == null) {
      throw new IllegalStateException("connect() comes first");
    }
    return connected;
  }

  void awaitKill() throws InterruptedException {
    killed.await();
  }

  void end(int code) {
    end(new Exit(code, null, null));
  }

  /** It ends, as a process does: its connections end with it. */
  void end(Exit how) {
    Runnable task;
    synchronized (this) {
      if (ended.getCount() == 0) {
        return;
      }
      exit = how;
      ended.countDown();
      task = whenEnded;
    }
    if (task != null) {
      task.run();
    }
    try {
      if (orders != null) {
        orders.close();
      }
      if (requests != null) {
        requests.close();
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
