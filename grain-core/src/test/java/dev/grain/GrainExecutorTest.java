package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Serializable;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A run in the hand, for any thread. */
@ExtendWith(NothingLeft.class)
@SuppressWarnings("try") // some close twice, on purpose
final class GrainExecutorTest {
  private static final RunOptions FOUR = RunOptions.defaults().local(cpu(4));

  /** A task of an executor service that can travel. */
  @FunctionalInterface
  interface Task<T> extends Callable<T>, Serializable {}

  @FunctionalInterface
  interface Action extends Runnable, Serializable {}

  private static <T> Task<T> task(Task<T> task) {
    return task;
  }

  // ---- any thread

  @Test
  void calls_fromManyThreads_areAllServed() throws Exception {
    try (var grain = GrainExecutor.open(FOUR);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> sums = new ArrayList<>();
      for (int thread = 0; thread < 20; thread++) {
        int own = thread;
        sums.add(
            threads.submit(() -> {
              int sum = grain.exec(cpu(1), Math::abs, -own);
              sum += grain.submit(cpu(1), Math::abs, own).result();
              for (int each : grain.map(cpu(1), Math::abs, List.of(-1, -2))) {
                sum += each;
              }
              var group = grain.openWaitGroup();
              try (group) {
                group.submit(cpu(1), Math::abs, -10);
                group.start(() -> group.submit(cpu(1), Math::abs, -20));
              }
              return sum + (Integer) group.results().get(0);
            }));
      }
      for (int thread = 0; thread < 20; thread++) {
        assertThat(sums.get(thread).get()).isEqualTo(2 * thread + 13);
      }
    }
  }

  @Test
  void map_inAParallelStream_works() {
    try (var grain = GrainExecutor.open()) {
      List<Integer> results =
          IntStream.range(0, 50)
              .parallel()
              .mapToObj(each -> grain.exec(cpu(1), Math::abs, -each))
              .toList();

      assertThat(results).isEqualTo(IntStream.range(0, 50).boxed().toList());
    }
  }

  // ---- close

  @Test
  void close_waitsForWhatWasSubmitted() throws InterruptedException {
    Signal started = Signal.create();
    Signal release = Signal.create();
    Signal finished = Signal.create();
    Caller closer =
        Caller.start(() -> {
          try (var grain = GrainExecutor.open()) {
            grain.submit(
                cpu(1),
                () -> {
                  started.fireAndAwait(release);
                  finished.fire();
                });
          }
          assertThat(finished.fired()).isTrue();
        });
    started.await();
    closer.awaitBlocked();
    release.fire();

    assertThat(closer.join().thrown()).isNull();
  }

  @Test
  void close_twice_doesNothingAndTakesNothingAfterwards() {
    GrainExecutor grain = GrainExecutor.open();
    grain.close();
    grain.close();

    assertThatThrownBy(() -> grain.submit(cpu(1), () -> 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("The run is closed");
    assertThatThrownBy(() -> grain.exec(cpu(1), () -> 1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(grain::openWaitGroup).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> grain.map(cpu(1), Math::abs, List.of(1)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void close_whileAnotherThreadCloses_waitsForTheEndToo() throws InterruptedException {
    Signal started = Signal.create();
    Signal release = Signal.create();
    GrainExecutor grain = GrainExecutor.open();
    Job<?> job = grain.submit(cpu(1), () -> started.fireAndAwait(release));
    started.await();
    Caller.Body closing =
        () -> {
          grain.close();
          assertThat(job.status()).isEqualTo(JobStatus.SUCCEEDED);
        };
    Caller first = Caller.start(closing).awaitBlocked();
    Caller second = Caller.start(closing).awaitBlocked();
    release.fire();

    assertThat(first.join().thrown()).isNull();
    assertThat(second.join().thrown()).isNull();
  }

  @Test
  void close_interruptedWhileAnotherThreadCloses_cancelsWhatRuns() throws InterruptedException {
    Signal started = Signal.create();
    Signal interrupted = Signal.create();
    GrainExecutor grain = GrainExecutor.open();
    grain.submit(cpu(1), WaitGroupFailureTest::untilInterrupted, started, interrupted);
    started.await();
    Caller first = Caller.start(grain::close).awaitBlocked();
    Caller second = Caller.start(grain::close).awaitBlocked();

    second.interrupt().join();

    assertThat(second.thrown()).isInstanceOf(GrainInterruptedException.class);
    assertThat(second.interrupted()).isTrue();
    assertThat(interrupted.fired()).isTrue();
    assertThat(first.join().thrown()).isNull();
  }

  @Test
  void close_interrupted_cancelsWhatRuns() throws InterruptedException {
    Signal started = Signal.create();
    Signal interrupted = Signal.create();
    Caller closer =
        Caller.start(() -> {
          try (var grain = GrainExecutor.open()) {
            grain.submit(cpu(1), WaitGroupFailureTest::untilInterrupted, started, interrupted);
          }
        });
    started.await();
    closer.awaitBlocked().interrupt().join();

    assertThat(closer.thrown()).isInstanceOf(GrainInterruptedException.class);
    assertThat(closer.interrupted()).isTrue();
    assertThat(interrupted.fired()).isTrue();
  }

  @Test
  void close_whereAJobCannotBeStopped_endsWithTheGrace() throws InterruptedException {
    Signal started = Signal.create();
    Signal release = Signal.create();
    try {
      Caller closer =
          Caller.start(() -> {
            try (var grain = GrainExecutor.open(FOUR.cancelGrace(Duration.ofMillis(20)))) {
              grain.submit(
                  cpu(1),
                  () -> {
                    started.fire();
                    release.awaitThroughInterrupts();
                    System.out.println("after the end");
                  });
            }
          });
      started.await();
      closer.awaitBlocked().interrupt().join();

      assertThat(closer.thrown()).isInstanceOf(GrainInterruptedException.class);
    } finally {
      release.fire();
    }
  }

  @Test
  void close_withAGroupLeftOpen_namesItsLine() {
    GrainExecutor grain = GrainExecutor.open();
    grain.openWaitGroup();
    WaitGroup named = grain.openWaitGroup(GroupOptions.defaults().named("left"));

    assertThatThrownBy(grain::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("was never closed; it was opened at dev.grain.GrainExecutorTest");
    assertThatThrownBy(named::close).isInstanceOf(GroupCancelledException.class);
  }

  /** The JDK lets no thread end that has subtasks running: only the executor can end them then. */
  @Test
  void close_withAGroupThatAThreadHasForgotten_cancelsItAndLetsTheThreadEnd()
      throws InterruptedException {
    GrainExecutor grain = GrainExecutor.open();
    Signal started = Signal.create();
    Signal interrupted = Signal.create();
    Caller forgetful =
        Caller.start(() -> {
          WaitGroup forgotten = grain.openWaitGroup(GroupOptions.defaults().named("forgotten"));
          forgotten.submit(cpu(1), Math::abs, -1);
          forgotten.start(() -> WaitGroupFailureTest.untilInterrupted(started, interrupted));
        });
    started.await();
    try (var others = grain.openWaitGroup()) {
      others.submit(cpu(1), Math::abs, -2);
    }

    assertThatThrownBy(grain::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith(
            "wait group forgotten was never closed; it was opened at dev.grain.GrainExecutorTest");
    assertThat(forgetful.join().thrown()).isNull();
    assertThat(interrupted.fired()).isTrue();
  }

  @Test
  void groups_ofAPlainThread_nest() {
    try (var grain = GrainExecutor.open()) {
      var outer = grain.openWaitGroup(GroupOptions.defaults().named("outer"));
      try (outer) {
        var inner = grain.openWaitGroup();
        outer.cancel();
        assertThatThrownBy(() -> inner.submit(cpu(1), () -> 1))
            .isInstanceOf(GroupCancelledException.class)
            .hasMessageContaining("wait group outer around it");
        assertThatThrownBy(outer::close)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("was never closed");
      }
    }
  }

  // ---- the shutdown hook

  @Test
  void shutdownHook_isGoneHoweverTheRunEnds() throws Exception {
    for (boolean interrupted : List.of(false, true)) {
      GrainExecutor grain = GrainExecutor.open();
      grain.submit(cpu(1), Math::abs, 1).result();
      Thread hook = hookOf(grain);
      if (interrupted) {
        grain.submit(cpu(1), Signal.create()::await);
        Thread.currentThread().interrupt();
        assertThatThrownBy(grain::close).isInstanceOf(GrainInterruptedException.class);
        assertThat(Thread.interrupted()).isTrue();
      } else {
        grain.close();
      }
      assertThat(Runtime.getRuntime().removeShutdownHook(hook)).isFalse();
    }
  }

  private static Thread hookOf(GrainExecutor grain) throws ReflectiveOperationException {
    Field sentinel = GrainExecutor.class.getDeclaredField("sentinel");
    sentinel.setAccessible(true);
    Field hook = ShutdownHook.class.getDeclaredField("hook");
    hook.setAccessible(true);
    return (Thread) hook.get(sentinel.get(grain));
  }

  // ---- as an executor service

  @Test
  void executorService_runsItsTasksAsJobs() throws Exception {
    try (var grain = GrainExecutor.open();
        ExecutorService service = grain.asExecutorService(cpu(1))) {
      Signal ran = Signal.create();
      Future<List<Integer>> cores = service.submit(task(() -> Grain.allocation().cores()));
      Future<?> action = service.submit((Action) ran::fire);
      Future<String> fixed = service.submit((Action) ran::fire, "fixed");

      assertThat(cores.get()).hasSize(1);
      assertThat(action.get()).isNull();
      assertThat(fixed.get()).isEqualTo("fixed");
      assertThat(ran.fired()).isTrue();
    }
  }

  @Test
  void executorService_invokeAll_givesEveryFutureDone() throws Exception {
    try (var grain = GrainExecutor.open();
        ExecutorService service = grain.asExecutorService(cpu(1))) {
      List<Future<Integer>> futures =
          service.invokeAll(
              List.of(
                  task(() -> 1),
                  task(() -> {
                    throw new IllegalStateException("two");
                  }),
                  task(() -> 3)));

      assertThat(futures).allMatch(Future::isDone);
      assertThat(futures.get(0).resultNow()).isEqualTo(1);
      assertThatThrownBy(() -> futures.get(1).get())
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(IllegalStateException.class);
      assertThat(futures.get(2).get()).isEqualTo(3);
    }
  }

  @Test
  void executorService_invokeAllInTime_cancelsTheRest() throws Exception {
    try (var grain = GrainExecutor.open(FOUR);
        ExecutorService service = grain.asExecutorService(cpu(1))) {
      Signal never = Signal.create();
      List<Future<Integer>> futures =
          service.invokeAll(
              List.of(
                  task(() -> 1),
                  task(() -> {
                    never.await();
                    return 2;
                  })),
              50,
              TimeUnit.MILLISECONDS);

      assertThat(futures.get(1).isCancelled()).isTrue();
    }
  }

  @Test
  void executorService_invokeAny_givesTheFirstValueAndCancelsTheRest() throws Exception {
    try (var grain = GrainExecutor.open(FOUR);
        ExecutorService service = grain.asExecutorService(cpu(1))) {
      Signal never = Signal.create();
      int any =
          service.invokeAny(
              List.of(
                  task(() -> {
                    never.await();
                    return 1;
                  }),
                  task(() -> 2)));
      assertThat(any).isEqualTo(2);

      assertThatThrownBy(() ->
              service.invokeAny(
                  List.of(
                      task(() -> {
                        throw new IllegalStateException("none");
                      }))))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() ->
              service.invokeAny(
                  List.of(
                      task(() -> {
                        never.await();
                        return 1;
                      })),
                  10,
                  TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
    }
  }

  @Test
  void executorService_cancel_interruptsTheJob() throws Exception {
    try (var grain = GrainExecutor.open(FOUR);
        ExecutorService service = grain.asExecutorService(cpu(1))) {
      Signal started = Signal.create();
      Signal interrupted = Signal.create();
      Future<?> future =
          service.submit(
              (Action) () -> WaitGroupFailureTest.untilInterrupted(started, interrupted));
      started.await();

      assertThat(future.cancel(true)).isTrue();
      assertThat(future.isCancelled()).isTrue();
      assertThatThrownBy(future::get).isInstanceOf(CancellationException.class);
      interrupted.await();
    }
  }

  @Test
  void executorService_shutdown_endsWhatItHasAndTakesNoMore() throws Exception {
    try (var grain = GrainExecutor.open(FOUR)) {
      ExecutorService service = grain.asExecutorService(cpu(1));
      Signal started = Signal.create();
      Signal release = Signal.create();
      Future<Integer> held =
          service.submit(
              task(() -> {
                started.fireAndAwait(release);
                return 1;
              }));
      started.await();

      service.shutdown();

      assertThat(service.isShutdown()).isTrue();
      assertThat(service.isTerminated()).isFalse();
      assertThat(service.awaitTermination(1, TimeUnit.NANOSECONDS)).isFalse();
      assertThatThrownBy(() -> service.submit(task(() -> 1)))
          .isInstanceOf(RejectedExecutionException.class);
      release.fire();
      assertThat(service.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
      assertThat(held.isDone()).isTrue();
      assertThat(held.resultNow()).isEqualTo(1);
      int after = grain.exec(cpu(1), Math::abs, -1);
      assertThat(after).isEqualTo(1);
    }
  }

  @Test
  void executorService_shutdownNow_cancelsItsJobs() throws Exception {
    try (var grain = GrainExecutor.open(RunOptions.defaults().local(cpu(1)))) {
      ExecutorService service = grain.asExecutorService(cpu(1));
      Signal started = Signal.create();
      Future<?> running = service.submit((Action) () -> blocks(started));
      Future<?> waiting = service.submit((Action) () -> blocks(started));
      started.await();

      assertThat(service.shutdownNow()).isEmpty();

      assertThat(service.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
      assertThat(running.isCancelled()).isTrue();
      assertThatThrownBy(waiting::get).isInstanceOf(CancellationException.class);
    }
  }

  private static void blocks(Signal started) {
    WaitGroupFailureTest.untilInterrupted(started, Signal.create());
  }

  @Test
  void executorService_ofAClosedRun_rejects() {
    GrainExecutor grain = GrainExecutor.open();
    ExecutorService service = grain.asExecutorService(cpu(1));
    grain.close();

    assertThatThrownBy(() -> service.submit(task(() -> 1)))
        .isInstanceOf(RejectedExecutionException.class);
    service.close();
  }

  @Test
  void executorService_withALambdaThatCannotTravel_saysWhatToDo() {
    try (var grain = GrainExecutor.open();
        ExecutorService service = grain.asExecutorService(cpu(1))) {
      Runnable runnable = () -> {};
      for (Caller.Body giving :
          List.<Caller.Body>of(
              () -> assertThat(service.submit(() -> 7)).isNull(),
              () -> assertThat(service.submit(runnable)).isNull(),
              () -> assertThat(service.submit(runnable, 7)).isNull(),
              () -> service.execute(runnable),
              () -> service.invokeAny(List.of(() -> 7)),
              () -> service.invokeAll(List.of(() -> 7)))) {
        assertThatThrownBy(giving::run)
            .isInstanceOf(EncodingException.class)
            .hasMessageStartingWith("The task cannot be sent: it is a lambda")
            .hasMessageContaining("(Callable<T> & Serializable) () -> ...");
      }
    }
  }

  /** A task that is no lambda. */
  private record Held(@Nullable Thread thread) implements Callable<Integer>, Runnable {
    @Override
    public Integer call() {
      return 7;
    }

    @Override
    public void run() {}
  }

  @Test
  void executorService_withATaskThatIsNoLambda_sendsIt() throws Exception {
    try (var grain = GrainExecutor.open();
        ExecutorService service = grain.asExecutorService(cpu(1))) {
      Held task = new Held(null);
      assertThat(service.submit((Callable<Integer>) task).get()).isEqualTo(7);
      assertThat(service.submit((Runnable) task, 8).get()).isEqualTo(8);
      assertThat(service.submit((Runnable) task).get()).isNull();
      assertThatThrownBy(() -> service.execute(new Held(Thread.currentThread())))
          .isInstanceOf(EncodingException.class)
          .hasMessageContaining("Held.thread")
          .hasMessageNotContaining("dev.grain.ExecutorAdapter");
    }
  }

  @Test
  void exec_thatFails_throwsTheFailure() {
    try (var grain = GrainExecutor.open()) {
      assertThatThrownBy(() -> grain.exec(cpu(1), WaitGroupFailureTest::fail, "no"))
          .isInstanceOf(JobFailedException.class);
    }
  }
}
