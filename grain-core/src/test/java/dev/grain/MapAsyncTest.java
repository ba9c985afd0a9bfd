package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class MapAsyncTest {
  private static final CountDownLatch NEVER = new CountDownLatch(1);

  private final GrainExecutor grain =
      GrainExecutor.open(RunOptions.defaults().progress(false).echo(false).local(cpu(2)));

  @AfterEach
  void close() {
    grain.close();
  }

  private static int twice(int number) {
    if (number == 13) {
      throw new IllegalStateException("unlucky");
    }
    return 2 * number;
  }

  /** Blocks for zero until it is cancelled. */
  private static int blockForZero(int number) throws InterruptedException {
    if (number == 0) {
      NEVER.await();
    }
    return number;
  }

  @Test
  void futures_comeInTheOrderOfTheInputs() {
    List<CompletableFuture<Integer>> futures =
        grain.mapAsync(cpu(1), MapAsyncTest::twice, List.of(3, 1, 2)).toList();
    assertThat(futures).extracting(CompletableFuture::join).containsExactly(6, 2, 4);
  }

  @Test
  void inputs_areTakenWithTheirFutures() {
    Iterable<Integer> endless = () -> IntStream.iterate(20, number -> number + 1).iterator();
    assertThat(
            grain
                .mapAsync(cpu(1), MapAsyncTest::twice, endless)
                .limit(3)
                .map(CompletableFuture::join))
        .containsExactly(40, 42, 44);
  }

  @Test
  void inputThatFails_failsItsFutureAlone() {
    List<CompletableFuture<Integer>> futures =
        grain.mapAsync(cpu(1), MapAsyncTest::twice, List.of(12, 13, 14)).toList();
    assertThat(futures.get(0).join()).isEqualTo(24);
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(futures.get(1)::join)
        .withCauseInstanceOf(JobFailedException.class)
        .withMessageContaining("unlucky");
    assertThat(futures.get(2).join()).isEqualTo(28);
  }

  @Test
  void inputThatCannotBeEncoded_failsItsFutureAlone() {
    List<CompletableFuture<String>> futures =
        grain.mapAsync(cpu(1), String::valueOf, List.of("a", Thread.currentThread(), "b")).toList();
    assertThat(futures.get(0).join() + futures.get(2).join()).isEqualTo("ab");
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(futures.get(1)::join)
        .withCauseInstanceOf(JobNotStartedException.class);
  }

  @Test
  void functionThatCannotBeEncoded_failsTheCall() {
    Thread thread = Thread.currentThread();
    Stream<CompletableFuture<String>> futures =
        grain.mapAsync(cpu(1), (String input) -> input + thread.getName(), List.of("a"));
    assertThatExceptionOfType(EncodingException.class).isThrownBy(futures::toList);
  }

  @Test
  void continuation_runsWhenItsJobHasEnded_whileOthersRun() throws Exception {
    CountDownLatch continued = new CountDownLatch(1);
    List<CompletableFuture<Integer>> futures =
        grain.mapAsync(cpu(1), MapAsyncTest::blockForZero, List.of(0, 1)).toList();
    List<CompletableFuture<Void>> continuations =
        futures.stream().map(future -> future.thenAccept(_ -> continued.countDown())).toList();
    continued.await();
    assertThat(continuations.getFirst()).isNotDone();
    assertThat(futures.getFirst()).isNotDone();
    futures.getFirst().cancel(true);
  }

  @Test
  void cancelOfAFuture_cancelsItsJob() {
    CompletableFuture<Integer> blocked =
        grain.mapAsync(cpu(2), MapAsyncTest::blockForZero, List.of(0)).findFirst().orElseThrow();
    blocked.cancel(true);
    assertThat(grain.exec(cpu(2), () -> 7)).isEqualTo(7);
  }

  @Test
  void stream_waitsWhileManyJobsAreUnfinished() throws Exception {
    AtomicInteger taken = new AtomicInteger();
    Iterable<Long> endless = () -> LongStream.iterate(0, n -> n + 1).iterator();
    List<CompletableFuture<Long>> futures = new CopyOnWriteArrayList<>();
    Thread taker =
        Thread.ofPlatform()
            .start(() -> {
              Iterator<CompletableFuture<Long>> each =
                  grain.mapAsync(cpu(2), MapAsyncTest::blockAlways, endless).iterator();
              try {
                while (true) {
                  futures.add(each.next());
                  taken.incrementAndGet();
                }
              } catch (GrainInterruptedException e) {
                // the test is over
              }
            });
    while (taken.get() < RunLimits.MAP_WINDOW || taker.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    assertThat(taken.get()).isEqualTo(RunLimits.MAP_WINDOW);

    futures.getFirst().cancel(true);
    while (taken.get() == RunLimits.MAP_WINDOW) {
      Thread.onSpinWait();
    }
    taker.interrupt();
    taker.join();
    futures.forEach(future -> future.cancel(true));
  }

  private static long blockAlways(long number) throws InterruptedException {
    NEVER.await();
    return number;
  }
}
