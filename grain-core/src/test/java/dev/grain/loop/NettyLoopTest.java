package dev.grain.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class NettyLoopTest {
  private final CompletableFuture<Throwable> uncaught = new CompletableFuture<>();

  private NettyLoop start() {
    NettyLoop loop = NettyLoop.withSockets("grain-test");
    loop.post(() ->
        Thread.currentThread().setUncaughtExceptionHandler((_, error) -> uncaught.complete(error)));
    return loop;
  }

  @Test
  void loopThatEndsByItself_tellsTheHandlerOfItsThread() throws Exception {
    NettyLoop loop = start();
    loop.eventLoop().shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    assertThat(uncaught.get()).hasMessage("The loop grain-test has ended by itself.");
    loop.close();
  }

  @Test
  void closedLoop_tellsNobody() {
    NettyLoop loop = start();
    loop.close();
    assertThat(uncaught).isNotDone();
  }

  @Test
  void outOfMemory_inWhatWasPosted_tellsTheHandlerAtOnce() throws Exception {
    OutOfMemoryError error = new OutOfMemoryError("for a test");
    NettyLoop loop = start();
    loop.post(() -> {
      throw error;
    });
    assertThat(uncaught.get()).isSameAs(error);
    loop.close();
  }
}
