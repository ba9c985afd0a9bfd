package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Runs: their mains, what they throw, and where the statics work. */
@ExtendWith(NothingLeft.class)
final class RunCombineTest {
  // ---- mains

  @Test
  void main_thatThrowsAnExceptionOfItsOwn_throwsItUnwrapped() {
    IOException own = new IOException("own");
    Throwable thrown =
        catchThrowable(() ->
            Grain.runCombine(() -> {
              throw own;
            }));

    assertThat(thrown).isSameAs(own).hasNoSuppressedExceptions();
  }

  @Test
  void main_withACheckedException_declaresJustThat() {
    // compiles without a catch of Exception: the type of the exception is inferred
    try {
      int value = Grain.runCombine(() -> readOrThrow(false));
      assertThat(value).isEqualTo(1);
      Grain.runCombine(() -> readOrThrow(true));
    } catch (IOException e) {
      assertThat(e).hasMessage("disk");
    }
  }

  private static int readOrThrow(boolean fails) throws IOException {
    if (fails) {
      throw new IOException("disk");
    }
    return 1;
  }

  @Test
  void main_thatReturnsNull_givesNull() {
    Object value = Grain.runCombine(() -> null);

    assertThat(value).isNull();
  }

  @Test
  void main_thatThrowsAnError_ends() {
    assertThatThrownBy(() ->
            Grain.runCombine(() -> {
              throw new AssertionError("main");
            }))
        .isInstanceOf(AssertionError.class)
        .hasMessage("main");
  }

  @Test
  void main_thatThrowsWhileJobsRun_cancelsThem() {
    Signal interrupted = Signal.create();
    assertThatThrownBy(() ->
            Grain.runCombine(() -> {
              Signal started = Signal.create();
              var wg = Grain.openWaitGroup();
              wg.submit(cpu(1), WaitGroupFailureTest::untilInterrupted, started, interrupted);
              started.await();
              throw new ArithmeticException("main");
            }))
        .isInstanceOf(ArithmeticException.class);
    assertThat(interrupted.fired()).isTrue();
  }

  @Test
  void mains_sideBySide_giveTheirValuesInOrder() {
    Signal second = Signal.create();
    List<String> values =
        Grain.runCombine(
            List.of(
                () -> {
                  second.await();
                  return "first";
                },
                () -> {
                  second.fire();
                  return Grain.exec(cpu(1), () -> "second");
                }));

    assertThat(values).containsExactly("first", "second");
  }

  @Test
  void mains_ofWhichOneFails_areCancelled() {
    Signal interrupted = Signal.create();
    Signal started = Signal.create();
    assertThatThrownBy(() ->
            Grain.runCombine(
                List.of(
                    () -> {
                      WaitGroupFailureTest.untilInterrupted(started, interrupted);
                      return 1;
                    },
                    () -> {
                      started.await();
                      throw new IOException("second");
                    })))
        .isInstanceOf(SubtaskFailedException.class)
        .hasMessageContaining("Subtask 2 of wait group of the mains failed")
        .hasCauseInstanceOf(IOException.class);
    assertThat(interrupted.fired()).isTrue();
  }

  @Test
  void mains_ofWhichOneThrowsWhatIsUnchecked_throwItAsItIs() {
    for (Throwable own : List.of(new ArithmeticException("own"), new AssertionError("own"))) {
      Throwable thrown =
          catchThrowable(() ->
              Grain.runCombine(
                  List.of(
                      () -> 1,
                      () ->
                          switch (own) {
                            case RuntimeException e -> throw e;
                            case Error e -> throw e;
                            default -> 2;
                          })));
      assertThat(thrown).isSameAs(own).hasNoSuppressedExceptions();
    }
  }

  @Test
  void mains_ofWhichTwoThrow_keepTheLaterOne() {
    Signal started = Signal.create();
    assertThatThrownBy(() ->
            Grain.runCombine(
                List.of(
                    () -> {
                      WaitGroupFailureTest.untilInterrupted(started, Signal.create());
                      throw new ArithmeticException("later");
                    },
                    () -> {
                      started.await();
                      throw new ArithmeticException("first");
                    })))
        .isInstanceOf(ArithmeticException.class)
        .hasMessage("first")
        .satisfies(thrown ->
            assertThat(thrown.getSuppressed())
                .singleElement()
                .satisfies(later -> assertThat(later).hasMessageContaining("later")));
  }

  @Test
  void workers_whereNobodyListens_areNamedAtOnce() {
    List<String> dead = List.of("127.0.0.1:1", "127.0.0.1:2");
    assertThatThrownBy(() -> Grain.runCombine(() -> 1, dead))
        .isInstanceOf(NoWorkersException.class)
        .hasMessageContainingAll("127.0.0.1:1", "127.0.0.1:2", "name no workers");
    assertThatThrownBy(() -> Grain.runCombine(() -> 1, dead, cpu(1)))
        .isInstanceOf(NoWorkersException.class);
    assertThatThrownBy(() -> Grain.runCombine(List.of(() -> 1, () -> 2), dead))
        .isInstanceOf(NoWorkersException.class);
  }

  // ---- several runs

  @Test
  void runs_severalAtOnce_areIndependent() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Signal all = Signal.create(4);
      List<Future<Integer>> sums = new ArrayList<>();
      for (int run = 1; run <= 4; run++) {
        int factor = run;
        sums.add(
            threads.submit(() ->
                Grain.runCombine(() -> {
                  all.fireAndAwait(all);
                  return Grain.map(cpu(1), each -> each * factor, List.of(1, 2, 3)).stream()
                      .mapToInt(each -> each)
                      .sum();
                })));
      }
      for (int run = 1; run <= 4; run++) {
        assertThat(sums.get(run - 1).get()).isEqualTo(6 * run);
      }
    }
  }

  @Test
  void run_withinARun_isARunOfItsOwn() {
    List<String> runs =
        Grain.runCombine(() -> {
          String outer = Grain.exec(cpu(1), () -> Grain.job().run());
          String inner = Grain.runCombine(() -> Grain.exec(cpu(1), () -> Grain.job().run()));
          String again = Grain.exec(cpu(1), () -> Grain.job().run());
          return List.of(outer, inner, again);
        });

    assertThat(runs.get(1)).isNotEqualTo(runs.get(0));
    assertThat(runs.get(2)).isEqualTo(runs.get(0));
  }

  @Test
  void run_withinAJob_works() {
    int value =
        Grain.runCombine(() ->
            Grain.exec(
                cpu(1),
                () -> {
                  int inner = Grain.runCombine(() -> Grain.exec(cpu(1), Math::abs, -5));
                  return inner + Grain.allocation().cores().size();
                }));

    assertThat(value).isEqualTo(6);
  }

  // ---- where the statics do not work

  @Test
  void statics_outsideOfARun_nameTheWay() {
    for (Caller.Body call :
        List.<Caller.Body>of(
            Grain::openWaitGroup,
            () -> Grain.exec(cpu(1), () -> 1),
            () -> Grain.map(cpu(1), Math::abs, List.of(1)),
            () -> Grain.forEach(cpu(1), System.out::println, List.of(1)),
            () -> Grain.stream(cpu(1), Math::abs, List.of(1)))) {
      assertThatThrownBy(call::run)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("was called outside a run")
          .hasMessageContaining("Call it in the main of Grain.runCombine")
          .hasMessageContaining("GrainExecutor");
    }
  }

  @Test
  void statics_outsideOfARun_nameTheMethodThatWasCalled() {
    Map<String, Caller.Body> calls =
        Map.of(
            "openWaitGroup", Grain::openWaitGroup,
            "waitGroup", () -> Grain.waitGroup(_ -> 1),
            "exec", () -> Grain.exec(cpu(1), () -> 1),
            "map", () -> Grain.map(cpu(1), Math::abs, List.of(1)),
            "forEach", () -> Grain.forEach(cpu(1), System.out::println, List.of(1)),
            "stream", () -> Grain.stream(cpu(1), Math::abs, List.of(1)));
    calls.forEach((method, call) ->
        assertThatThrownBy(call::run)
            .hasMessageStartingWith("Grain." + method + "() was called outside a run, by "));
  }

  @Test
  void statics_inAParallelStreamOrCallback_nameTheExecutor() {
    Grain.runCombine(() -> {
      List<Throwable> thrown =
          IntStream.range(0, 1000)
              .parallel()
              .mapToObj(_ ->
                  Thread.currentThread().getName().startsWith("ForkJoinPool")
                      ? catchThrowable(() -> Grain.exec(cpu(1), () -> 1))
                      : null)
              .filter(each -> each != null)
              .toList();
      assertThat(thrown)
          .allSatisfy(each ->
              assertThat(each)
                  .isInstanceOf(IllegalStateException.class)
                  .hasMessageContaining("GrainExecutor"));
      Throwable inCallback =
          CompletableFuture.supplyAsync(() -> catchThrowable(() -> Grain.exec(cpu(1), () -> 1)))
              .join();
      assertThat(inCallback)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("Grain.exec() was called outside a run");
    });
  }

  @Test
  void statics_inAJob_sayWhatJobsDo() {
    String message =
        Grain.runCombine(() ->
            Grain.exec(
                cpu(1), () -> catchThrowable(() -> Grain.exec(cpu(1), () -> 1)).getMessage()));

    assertThat(message).contains("A job cannot start further jobs");
  }

  @Test
  void allocationAndJob_outsideOfAJob_areRefused() {
    assertThatThrownBy(Grain::allocation)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Grain.allocation() must be called by the thread that runs a job");
    Grain.runCombine(() -> {
      assertThatThrownBy(Grain::job).isInstanceOf(IllegalStateException.class);
    });
  }

  static String inThreadOfItsOwn() throws InterruptedException {
    StringBuilder message = new StringBuilder();
    Thread thread =
        Thread.ofPlatform()
            .start(() -> message.append(catchThrowable(Grain::allocation).getMessage()));
    thread.join();
    return message.toString();
  }

  @Test
  void allocation_inAThreadThatAJobStarted_saysToHandItOver() {
    String message = Grain.runCombine(() -> Grain.exec(cpu(1), RunCombineTest::inThreadOfItsOwn));

    assertThat(message)
        .contains("Grain.allocation() must be called by the thread that runs a job")
        .contains("call it in the job and pass the value to them");
  }

  // ---- the end

  @Test
  void job_keptAfterTheRun_stillHasItsResult() {
    Job<Integer> kept =
        Grain.runCombine(() -> {
          try (var wg = Grain.openWaitGroup()) {
            return wg.submit(cpu(1), Math::abs, -3);
          }
        });

    assertThat(kept.result()).isEqualTo(3);
    kept.cancel();
  }

  @Test
  void group_keptAfterTheRun_takesNothing() {
    WaitGroup kept = Grain.runCombine(() -> Grain.waitGroup(wg -> wg));

    assertThatThrownBy(() -> kept.submit(cpu(1), Math::abs, 1))
        .isInstanceOf(IllegalStateException.class);
    assertThat(kept.results()).isEmpty();
  }

  @Test
  void cancelledJob_keptAfterTheRun_saysSo() {
    Job<?> kept =
        Grain.runCombine(() -> {
          try (var wg = Grain.openWaitGroup()) {
            Job<?> job = wg.submit(cpu(1), Signal.create()::await);
            job.cancel();
            return job;
          }
        });

    assertThatThrownBy(kept::result).isInstanceOf(JobCancelledException.class);
  }
}
