package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.none;
import static dev.grain.resource.Resources.wallTime;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The states that a job reports, and how it ends. */
@ExtendWith(NothingLeft.class)
final class JobTest {
  private static final RunOptions FOUR = RunOptions.defaults().local(cpu(4));
  private static final RunOptions IMPATIENT = FOUR.cancelGrace(Duration.ofMillis(20));

  // ---- on its way

  @Test
  void status_onItsWay_tellsWhereItIs() throws InterruptedException {
    try (var grain = GrainExecutor.open(FOUR)) {
      Signal started = Signal.create();
      Signal release = Signal.create();
      Job<Integer> running =
          grain.submit(
              JobOptions.of(cpu(4)).named("runs"),
              () -> {
                started.fireAndAwait(release);
                return 7;
              });
      Job<?> waiting = grain.submit(cpu(4), Math::abs, -1);
      started.await();
      grain.exec(none(), () -> {});

      assertThat(running.status()).isEqualTo(JobStatus.RUNNING);
      assertThat(running.worker()).contains("local");
      assertThat(running.attempts()).isEmpty();
      assertThat(waiting.status()).isIn(JobStatus.QUEUED, JobStatus.SENT);
      release.fire();
      assertThat(running.result()).isEqualTo(7);
      assertThat(running.status()).isEqualTo(JobStatus.SUCCEEDED);
      assertThat(running.worker()).contains("local");
      assertThat(running.name()).isEqualTo("runs");
      assertThat(running.id()).isEqualTo(new JobId(1));
      assertThat(running.attempts())
          .singleElement()
          .satisfies(attempt -> {
            assertThat(attempt.number()).isEqualTo(1);
            assertThat(attempt.worker()).isEqualTo("local");
            assertThat(attempt.failure()).isEmpty();
          });
    }
  }

  @Test
  void cancel_whileQueued_endsItAtOnce() throws InterruptedException {
    try (var grain = GrainExecutor.open(FOUR)) {
      Signal started = Signal.create();
      Signal release = Signal.create();
      Job<?> running = grain.submit(cpu(4), () -> started.fireAndAwait(release));
      started.await();
      Job<?> queued = grain.submit(JobOptions.of(cpu(4)).named("waits"), Math::abs, -1);

      queued.cancel();

      assertThatThrownBy(queued::result)
          .isInstanceOf(JobCancelledException.class)
          .hasMessageStartingWith("Job 2 (waits) was cancelled")
          .hasNoCause();
      assertThat(queued.status()).isEqualTo(JobStatus.CANCELLED);
      assertThat(running.status()).isEqualTo(JobStatus.RUNNING);
      release.fire();
      queued.cancel();
    }
  }

  @Test
  void cancel_whileRunning_interruptsIt() throws InterruptedException {
    Signal interrupted = Signal.create();
    try (var grain = GrainExecutor.open(FOUR)) {
      Signal started = Signal.create();
      Job<?> running =
          grain.submit(cpu(1), WaitGroupFailureTest::untilInterrupted, started, interrupted);
      started.await();

      running.cancel();

      assertThatThrownBy(running::result)
          .isInstanceOf(JobCancelledException.class)
          .hasMessageContaining("cancelled on local");
      assertThat(running.attempts())
          .extracting(Attempt::failure)
          .singleElement()
          .satisfies(failure -> assertThat(failure).contains(Cause.CANCELLED));
    }
    assertThat(interrupted.fired()).isTrue();
  }

  @Test
  void cancel_whereTheInterruptIsIgnored_isReportedAfterTheGrace() throws InterruptedException {
    Signal release = Signal.create();
    try (var grain = GrainExecutor.open(IMPATIENT)) {
      Signal started = Signal.create();
      Job<?> deaf =
          grain.submit(
              cpu(1),
              () -> {
                started.fire();
                release.awaitThroughInterrupts();
              });
      started.await();
      deaf.cancel();

      assertThatThrownBy(deaf::result)
          .isInstanceOf(JobCancelledException.class)
          .hasMessageContaining("ignores the interrupt on local and keeps its slots");
      assertThat(deaf.status()).isEqualTo(JobStatus.CANCELLED);
    } finally {
      release.fire();
    }
  }

  @Test
  void cancel_rightAfterManySubmissions_isNotLost() {
    try (var grain = GrainExecutor.open(FOUR)) {
      grain.submit(cpu(4), Signal.create()::await).cancel();
      for (int job = 0; job < 5000; job++) {
        grain.submit(cpu(4), Math::abs, -1);
      }
      Job<?> last = grain.submit(cpu(4), Signal.create()::await);
      last.cancel();
      assertThatThrownBy(last::result).isInstanceOf(JobCancelledException.class);
    }
  }

  // ---- time limits

  @Test
  void timeout_interruptsTheJobAndSaysTheLimit() {
    assertThatThrownBy(() ->
            Grain.runCombine(() ->
                Grain.exec(
                    JobOptions.of(cpu(1)).named("slow").timeout(Duration.ofMillis(10)),
                    InterruptionTest::block,
                    Signal.create())))
        .isInstanceOf(JobTimedOutException.class)
        .hasMessageContaining("Job 1 (slow) timed out")
        .hasMessageContaining("time limit of 10 ms");
  }

  @Test
  void hardWallTime_isATimeLimitToo() {
    assertThatThrownBy(() ->
            Grain.runCombine(() ->
                Grain.exec(
                    cpu(1).and(wallTime(Duration.ofMillis(5), Duration.ofMillis(10))),
                    InterruptionTest::block,
                    Signal.create())))
        .isInstanceOf(JobTimedOutException.class)
        .hasMessageContaining("time limit of 10 ms");
  }

  @Test
  void timeout_whereTheInterruptIsIgnored_isReportedAfterTheGrace() {
    Signal release = Signal.create();
    try {
      assertThatThrownBy(() ->
              Grain.runCombine(
                  () ->
                      Grain.exec(
                          JobOptions.of(cpu(1)).timeout(Duration.ofMillis(5)),
                          release::awaitThroughInterrupts),
                  IMPATIENT))
          .isInstanceOf(JobTimedOutException.class)
          .hasMessageContaining("ignores the interrupt");
    } finally {
      release.fire();
    }
  }

  @Test
  void timeout_ofAJobThatEndsInTime_doesNothing() {
    int value =
        Grain.runCombine(
            () -> Grain.exec(JobOptions.of(cpu(1)).timeout(Duration.ofHours(1)), Math::abs, -1));

    assertThat(value).isEqualTo(1);
  }

  // ---- retries

  private static final AtomicInteger TRIES = new AtomicInteger();

  static int failUntilAttempt(int attempt) {
    TRIES.incrementAndGet();
    if (Grain.job().attempt() < attempt) {
      throw new IllegalStateException("not yet");
    }
    return Grain.job().attempt();
  }

  @Test
  void retries_untilItSucceeds_keepEachAttempt() {
    try (var grain = GrainExecutor.open()) {
      Job<Integer> job =
          grain.submit(JobOptions.of(cpu(1)).retries(5), JobTest::failUntilAttempt, 3);

      assertThat(job.result()).isEqualTo(3);
      assertThat(job.attempts()).extracting(Attempt::number).containsExactly(1, 2, 3);
      assertThat(job.attempts().getFirst().failure()).contains(Cause.FAILED);
      assertThat(job.attempts().getLast().failure()).isEmpty();
    }
  }

  @Test
  void retries_thatAllFail_endWithTheLastFailure() {
    TRIES.set(0);
    try (var grain = GrainExecutor.open()) {
      Job<Integer> job =
          grain.submit(JobOptions.of(cpu(1)).retries(2), JobTest::failUntilAttempt, 9);

      assertThatThrownBy(job::result)
          .isInstanceOf(JobFailedException.class)
          .hasMessageContaining("failed on local in attempt 3")
          .hasMessageMatching(
              "(?s).*\\n  attempt 1 on local: failed after [^:]+:"
                  + " java.lang.IllegalStateException: not yet\\n  attempt 2 .*")
          .satisfies(thrown -> assertThat(((JobFailedException) thrown).attempts()).hasSize(3));
      assertThat(TRIES).hasValue(3);
    }
  }

  @Test
  void retries_afterATimeout_runItAgain() {
    try (var grain = GrainExecutor.open()) {
      Job<Integer> job =
          grain.submit(
              JobOptions.of(cpu(1)).retries(1).timeout(Duration.ofMillis(200)),
              () -> {
                if (Grain.job().attempt() == 1) {
                  Signal.create().await();
                }
                return Grain.job().attempt();
              });

      assertThat(job.result()).isEqualTo(2);
      assertThat(job.attempts().getFirst().failure()).contains(Cause.TIMED_OUT);
    }
  }

  @Test
  void job_withoutRetries_isTriedOnce() {
    TRIES.set(0);
    try (var grain = GrainExecutor.open()) {
      assertThatThrownBy(() -> grain.exec(cpu(1), JobTest::failUntilAttempt, 2))
          .isInstanceOf(JobFailedException.class);
    }
    assertThat(TRIES).hasValue(1);
  }

  @Test
  void attemptId_namesRunJobAndAttempt() {
    try (var grain = GrainExecutor.open()) {
      AttemptId first = grain.exec(cpu(1), Grain::job);
      AttemptId second = grain.exec(cpu(1), Grain::job);

      assertThat(first.run()).isEqualTo(second.run());
      assertThat(first.job()).isEqualTo(new JobId(1));
      assertThat(second.toString()).isEqualTo(second.run() + "-2-1");
    }
  }

  // ---- failures

  static void layered() throws IOException {
    try {
      throw new ArithmeticException("inner");
    } catch (ArithmeticException e) {
      throw new IOException("outer", e);
    }
  }

  @Test
  void failure_carriesCauseStackWorkerAndOutput() {
    try (var grain = GrainExecutor.open()) {
      Job<?> job =
          grain.submit(
              JobOptions.of(cpu(1)).named("bad"),
              () -> {
                System.out.print("last words");
                layered();
              });

      assertThatThrownBy(job::result)
          .isInstanceOf(JobFailedException.class)
          .hasMessage("Job 1 (bad) failed on local: java.io.IOException: outer")
          .satisfies(thrown -> {
            JobFailedException failed = (JobFailedException) thrown;
            assertThat(failed.worker()).isEqualTo("local");
            assertThat(failed.output()).isEqualTo("last words");
            assertThat(failed.job()).isEqualTo(new JobId(1));
            assertThat(failed.cause()).isEqualTo(Cause.FAILED);
            assertThat(failed.getCause())
                .isInstanceOf(IOException.class)
                .hasMessage("outer")
                .hasCauseInstanceOf(ArithmeticException.class);
            assertThat(failed.getCause().getStackTrace())
                .extracting(StackTraceElement::getMethodName)
                .contains("layered");
          });
      assertThat(job.status()).isEqualTo(JobStatus.FAILED);
    }
  }

  static int recurse(int depth) {
    return depth < 0 ? 0 : recurse(depth + 1) + 1;
  }

  @Test
  void failure_byAnError_isAFailureLikeOthers() {
    try (var grain = GrainExecutor.open()) {
      assertThatThrownBy(() -> grain.exec(cpu(1), JobTest::recurse, 0))
          .isInstanceOf(JobFailedException.class)
          .hasCauseInstanceOf(StackOverflowError.class);
      assertThatThrownBy(() -> grain.exec(cpu(1), () -> new long[Integer.MAX_VALUE - 8].length))
          .isInstanceOf(JobFailedException.class)
          .hasMessageContaining("larger heap (-Xmx), or let jobs ask for memory")
          .hasCauseInstanceOf(OutOfMemoryError.class);
      assertThatThrownBy(() ->
              grain.exec(
                  cpu(1),
                  () -> {
                    throw new AssertionError("assert");
                  }))
          .isInstanceOf(JobFailedException.class)
          .hasCauseInstanceOf(AssertionError.class);
      int after = grain.exec(cpu(1), Math::abs, -1);
      assertThat(after).isEqualTo(1);
    }
  }

  static final class Local extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient Thread thread = Thread.currentThread();

    Local(String message) {
      super(message);
    }

    Thread thread() {
      return thread;
    }
  }

  @Test
  void failure_byAnExceptionOfTheProgram_arrivesAsItsClass() {
    try (var grain = GrainExecutor.open()) {
      assertThatThrownBy(() ->
              grain.exec(
                  cpu(1),
                  () -> {
                    throw new Local("mine");
                  }))
          .isInstanceOf(JobFailedException.class)
          .cause()
          .isInstanceOf(Local.class)
          .hasMessage("mine");
    }
  }

  // ---- interrupt flags

  @Test
  void job_thatInterruptsItself_leavesNoFlagToTheNext() {
    try (var grain = GrainExecutor.open(RunOptions.defaults().local(cpu(1)))) {
      for (int round = 0; round < 20; round++) {
        int flagged =
            grain.exec(
                JobOptions.of(cpu(1)).platformThread(),
                () -> {
                  boolean before = Thread.interrupted();
                  Thread.currentThread().interrupt();
                  return before ? 1 : 0;
                });
        assertThat(flagged).isZero();
      }
    }
  }

  @Test
  void job_thatIsInterruptedByItself_failsAsOthersDo() {
    try (var grain = GrainExecutor.open()) {
      assertThatThrownBy(() ->
              grain.exec(
                  cpu(1),
                  () -> {
                    Thread.currentThread().interrupt();
                    Signal.create().await();
                  }))
          .isInstanceOf(JobFailedException.class)
          .hasCauseInstanceOf(InterruptedException.class);
    }
  }

  // ---- futures

  @Test
  void future_ofAJob_endsAsTheJob() throws Exception {
    try (var grain = GrainExecutor.open()) {
      CompletableFuture<Integer> good = grain.submit(cpu(1), Math::abs, -4).toFuture();
      CompletableFuture<String> mapped =
          good.thenApply(value -> value + " on " + Thread.currentThread().isVirtual());
      assertThat(good.get()).isEqualTo(4);
      assertThat(mapped.get()).startsWith("4 on");

      Job<?> failing =
          grain.submit(
              cpu(1),
              () -> {
                throw new UncheckedIOException(new IOException("no"));
              });
      assertThatThrownBy(failing.toFuture()::join)
          .isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(JobFailedException.class);
      assertThatThrownBy(failing.toFuture()::join).hasCauseInstanceOf(JobFailedException.class);
    }
  }

  @Test
  void future_dependents_runOnVirtualThreads() throws Exception {
    try (var grain = GrainExecutor.open()) {
      Signal attached = Signal.create();
      CompletableFuture<?> future = grain.submit(cpu(1), attached::await).toFuture();
      CompletableFuture<Boolean> virtual =
          future.thenApply(_ -> Thread.currentThread().isVirtual());
      attached.fire();

      assertThat(virtual.get()).isTrue();
    }
  }

  @Test
  void future_cancelled_cancelsItsJob() throws InterruptedException {
    Signal interrupted = Signal.create();
    try (var grain = GrainExecutor.open()) {
      Signal started = Signal.create();
      Job<?> job =
          grain.submit(cpu(1), WaitGroupFailureTest::untilInterrupted, started, interrupted);
      started.await();
      CompletableFuture<?> future = job.toFuture();

      assertThat(future.cancel(true)).isTrue();
      assertThat(future.cancel(true)).isTrue();
      assertThatThrownBy(future::join).isInstanceOf(CancellationException.class);
      assertThatThrownBy(job::result).isInstanceOf(JobCancelledException.class);
    }
    assertThat(interrupted.fired()).isTrue();
  }

  // ---- options

  @Test
  void options_withBadValues_nameThem() {
    assertThatThrownBy(() -> JobOptions.of(cpu(1)).retries(-1)).hasMessageContaining("-1");
    assertThatThrownBy(() -> JobOptions.of(cpu(1)).timeout(Duration.ZERO))
        .hasMessageContaining("0 s");
    assertThatThrownBy(() -> GroupOptions.defaults().timeout(Duration.ofSeconds(-1)))
        .hasMessageContaining("-1 s");
    assertThatThrownBy(() -> RunOptions.defaults().cancelGrace(Duration.ofSeconds(-1)))
        .hasMessageContaining("-1 s");
  }

  @Test
  void platformThread_isWhereTheJobRuns() {
    try (var grain = GrainExecutor.open()) {
      List<Boolean> virtual =
          List.of(
              grain.exec(JobOptions.of(cpu(0.5)).platformThread(), JobTest::onVirtualThread),
              grain.exec(cpu(0.5), JobTest::onVirtualThread));

      assertThat(virtual).containsExactly(false, true);
    }
  }

  static boolean onVirtualThread() {
    return Thread.currentThread().isVirtual();
  }
}
