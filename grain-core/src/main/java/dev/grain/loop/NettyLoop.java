package dev.grain.loop;

import dev.grain.concurrent.Uninterruptibly;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A loop that is a Netty event loop. */
public final class NettyLoop implements Loop, AutoCloseable {
  private static final int PATIENCE_SECONDS = 10;

  /** Netty's own property: whether buffers make events for flight recordings. */
  private static final String NETTY_EVENTS = "io.netty.jfr.enabled";

  /** Netty's own property: what stands for this machine in the ids of its channels. */
  private static final String NETTY_MACHINE = "io.netty.machineId";

  static {
    // the first such event wakes the JVM's recorder, recording or not, and each start waits for
    // that
    setUnlessSet(NETTY_EVENTS, "false");
    // or Netty looks at all network interfaces for a hardware address, and complains on the error
    // stream if none has one; nobody reads these ids
    setUnlessSet(NETTY_MACHINE, "02:00:00:00:00:01");
    NettyLogging.hideDebugging();
  }

  private static void setUnlessSet(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  private final SingleThreadEventLoop eventLoop;
  private final Daemon daemon;

  private NettyLoop(SingleThreadEventLoop eventLoop, Daemon daemon) {
    this.eventLoop = eventLoop;
    this.daemon = daemon;
  }

  /** Makes the thread of a loop, and waits for its end. */
  private static final class Daemon implements ThreadFactory {
    private final String name;
    // set by the first thread that posts, read by the one that closes
    private volatile @Nullable Thread thread;
    // set by the thread that closes, read by the loop
    private volatile boolean closing;
    // set by the thread that has made the loop, read by it
    private volatile @Nullable Consumer<Throwable> onError;

    Daemon(String name) {
      this.name = name;
    }

    @Override
    public Thread newThread(Runnable task) {
      Thread made =
          Thread.ofPlatform()
              .daemon()
              .name(name)
              .uncaughtExceptionHandler(this::onError)
              .unstarted(() -> run(task));
      thread = made;
      return made;
    }

    private void onError(Thread where, Throwable error) {
      Consumer<Throwable> handler = onError;
      if (handler != null) {
        handler.accept(error);
      } else {
        // which asks the default handler
        where.getThreadGroup().uncaughtException(where, error);
      }
    }

    /** Netty logs what ends its loop, and leaves a process that serves nobody any more. */
    private void run(Runnable task) {
      task.run();
      if (!closing) {
        throw new IllegalStateException("The loop " + name + " has ended by itself.");
      }
    }

    void join() {
      Thread made = thread;
      if (made != null) {
        Uninterruptibly.await(made::join);
      }
    }
  }

  /**
   * Starts a loop that serves no sockets.
   *
   * @param threadName the name of its thread, a daemon
   */
  public static NettyLoop withoutSockets(String threadName) {
    Daemon daemon = new Daemon(threadName);
    return new NettyLoop(new DefaultEventLoop(null, daemon), daemon);
  }

  /**
   * Starts a loop that serves sockets as well.
   *
   * @param threadName the name of its thread, a daemon
   */
  public static NettyLoop withSockets(String threadName) {
    // a group of one would start another thread when it ends, which keeps the process for a second
    Daemon daemon = new Daemon(threadName);
    return new NettyLoop(
        new SingleThreadIoEventLoop(null, daemon, NioIoHandler.newFactory()), daemon);
  }

  public EventLoop eventLoop() {
    return eventLoop;
  }

  @Override
  public void post(Runnable task) {
    eventLoop.execute(() -> run(task));
  }

  @Override
  public Timer schedule(long delayNanos, Runnable task) {
    Future<?> scheduled = eventLoop.schedule(() -> run(task), delayNanos, TimeUnit.NANOSECONDS);
    return () -> scheduled.cancel(false);
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      if (daemon.closing) {
        throw e;
      }
      // not thrown on: some of Netty's loops end then, others drop it
      tell(e);
    }
  }

  /**
   * Tells the handler of uncaught exceptions of this thread what went wrong: what was begun here is
   * half done, and Netty goes on in spite of it.
   */
  public static void tell(Throwable error) {
    Thread thread = Thread.currentThread();
    thread.getUncaughtExceptionHandler().uncaughtException(thread, error);
  }

  /** Tells its handler of an error of another loop that belongs to it; for any thread. */
  public void fail(Throwable error) {
    daemon.onError(Thread.currentThread(), error);
  }

  /**
   * Sets a handler, which is called on the thread where it happens, of what a task has thrown, of a
   * lack of memory, and of a loop that has ended without having been closed. Without one, the
   * default handler of uncaught exceptions is called.
   */
  public void onError(Consumer<Throwable> handler) {
    daemon.onError = handler;
  }

  @Override
  public long now() {
    return System.nanoTime();
  }

  @Override
  public boolean inLoop() {
    return eventLoop.inEventLoop();
  }

  /**
   * Runs what was posted, closes the sockets, ends the thread and waits for its end, interrupted or
   * not.
   *
   * <p>Implementation note: a Netty loop that is asked to shut down closes its sockets before it
   * runs what was posted, so it is emptied first. And it may end without having closed them, if it
   * is asked between looking and ending; a hook makes it go round once more.
   */
  @Override
  public void close() {
    daemon.closing = true;
    if (!eventLoop.isShuttingDown()) {
      eventLoop
          .submit(() -> eventLoop.addShutdownHook(() -> {}))
          .awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
    eventLoop
        .shutdownGracefully(1, TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS), TimeUnit.NANOSECONDS)
        .awaitUninterruptibly();
    // the future is done a moment before the thread is
    daemon.join();
  }
}
