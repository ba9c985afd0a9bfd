package dev.grain.minion.testing;

import dev.grain.minion.MethodCall;
import dev.grain.minion.Minion;
import dev.grain.minion.MinionResult;
import dev.grain.minion.OnFailure;
import dev.grain.minion.RunningMinion;
import dev.grain.posix.EndSignals;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** The program of a minion that calls {@link MinionItems}, until the queue is drained. */
final class MinionMain {
  private static final int MAX_DELIVERIES = 3;

  private MinionMain() {}

  /**
   * Works, and ends the JVM with the exit code of {@code grain minion}. A signal to end stops the
   * minion.
   *
   * @param arguments the address of the queue, and how many items are processed at a time
   */
  static void main(String[] arguments) throws Exception {
    AtomicInteger signal = new AtomicInteger();
    // before there are items, which it could end
    CompletableFuture<RunningMinion> started = new CompletableFuture<>();
    EndSignals.onFirst(number -> {
      signal.set(number);
      var _ = started.thenAccept(RunningMinion::stop);
    });
    RunningMinion minion =
        Minion.function(
                MethodCall.find(MinionItems.class.getName(), MinionItems.class.getClassLoader()))
            .queue(arguments[0])
            .parallel(Integer.parseInt(arguments[1]))
            .onFailure(OnFailure.NACK)
            .maxDeliveries(MAX_DELIVERIES)
            .retryDelay(Duration.ZERO)
            .start();
    started.complete(minion);
    MinionResult result = minion.await();
    System.err.println("minion: " + result);
    System.exit(result.killed() ? EndSignals.EXIT + signal.get() : 0);
  }
}
