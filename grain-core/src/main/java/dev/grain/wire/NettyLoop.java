package dev.grain.wire;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** A loop that is a Netty event loop. */
public final class NettyLoop implements Loop, AutoCloseable {
  private final EventLoop eventLoop;

  private NettyLoop(EventLoop eventLoop) {
    this.eventLoop = eventLoop;
  }

  /**
   * Starts a loop that serves no sockets.
   *
   * @param threadName the name of its thread, a daemon
   */
  public static NettyLoop withoutSockets(String threadName) {
    ThreadFactory daemon = Thread.ofPlatform().daemon().name(threadName).factory();
    return new NettyLoop(new DefaultEventLoop(null, daemon));
  }

  @Override
  public void post(Runnable task) {
    eventLoop.execute(task);
  }

  @Override
  public Timer schedule(long delayNanos, Runnable task) {
    Future<?> scheduled = eventLoop.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
    return () -> scheduled.cancel(false);
  }

  @Override
  public long now() {
    return System.nanoTime();
  }

  @Override
  public boolean inLoop() {
    return eventLoop.inEventLoop();
  }

  /** Runs what was posted, ends the thread and waits for its end, interrupted or not. */
  @Override
  public void close() {
    eventLoop.shutdownGracefully(0, 10, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
