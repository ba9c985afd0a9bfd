package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Jobs that run again after a failure: when, and after which. */
@ExtendWith(NothingLeft.class)
final class JobRetryTest {
  private static final RunOptions FOUR = RunOptions.defaults().local(cpu(4));
  private static final JobOptions THRICE = JobOptions.of(cpu(1)).retries(2);

  static int failUntilAttempt(int attempt) {
    if (Grain.job().attempt() < attempt) {
      throw new IllegalStateException("attempt " + Grain.job().attempt());
    }
    return Grain.job().attempt();
  }

  @Test
  void backoff_isWaitedForBeforeEachFurtherAttempt() {
    try (var grain = GrainExecutor.open(FOUR)) {
      JobOptions patient = THRICE.backoff(Duration.ofMillis(2), 1.5, Duration.ofMillis(3));
      Job<Integer> job = grain.submit(patient, JobRetryTest::failUntilAttempt, 3);
      assertThat(job.result()).isEqualTo(3);
      assertThat(job.attempts())
          .extracting(Attempt::failure)
          .containsExactly(Optional.of(Cause.FAILED), Optional.of(Cause.FAILED), Optional.empty());
    }
  }

  @Test
  void backoff_whileItWaits_saysSo_andEndsWhenItIsCancelled() {
    try (var grain = GrainExecutor.open(FOUR)) {
      CountDownLatch failed = new CountDownLatch(1);
      JobOptions patient =
          THRICE
              .backoff(Duration.ofHours(2))
              .retryOn(_ -> {
                failed.countDown();
                return true;
              });
      Job<Integer> job = grain.submit(patient, JobRetryTest::failUntilAttempt, 3);
      awaitText(job, " before attempt 2; attempt 1 on local failed after ");
      assertThat(failed.getCount()).isZero();
      assertThat(job.status()).isEqualTo(JobStatus.QUEUED);
      job.cancel();
      assertThatThrownBy(job::result).isInstanceOf(JobCancelledException.class);
    }
  }

  /** Waits until the job explains itself like this. */
  private static void awaitText(Job<?> job, String text) {
    while (!job.explain().contains(text)) {
      Thread.onSpinWait();
    }
  }

  @Test
  void close_interruptedWhileAJobWaits_cancelsIt() {
    GrainExecutor grain = GrainExecutor.open(FOUR);
    JobOptions patient = THRICE.backoff(Duration.ofHours(2));
    Job<Integer> job = grain.submit(patient, JobRetryTest::failUntilAttempt, 3);
    awaitText(job, " before attempt 2");
    Thread.currentThread().interrupt();
    assertThatThrownBy(grain::close).isInstanceOf(GrainInterruptedException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThatThrownBy(job::result).isInstanceOf(JobCancelledException.class);
  }

  @Test
  void retryOn_isAskedWhatTheFunctionThrew() {
    try (var grain = GrainExecutor.open(FOUR)) {
      List<Throwable> asked = Collections.synchronizedList(new ArrayList<>());
      JobOptions choosy =
          THRICE.retryOn(failure -> {
            asked.add(failure);
            return failure instanceof IllegalStateException;
          });
      assertThat(grain.exec(choosy, JobRetryTest::failUntilAttempt, 2)).isEqualTo(2);
      assertThat(asked)
          .singleElement()
          .satisfies(failure ->
              assertThat(failure)
                  .isInstanceOf(IllegalStateException.class)
                  .hasMessage("attempt 1"));

      Job<?> other =
          grain.submit(
              choosy,
              () -> {
                throw new UncheckedIOException(new IOException("gone"));
              });
      assertThatThrownBy(other::result)
          .isInstanceOf(JobFailedException.class)
          .hasCauseInstanceOf(UncheckedIOException.class);
      assertThat(other.attempts()).hasSize(1);
    }
  }

  @Test
  void retryOn_afterATimeLimit_isAskedAboutThat() {
    try (var grain = GrainExecutor.open(FOUR)) {
      List<Throwable> asked = Collections.synchronizedList(new ArrayList<>());
      JobOptions limited =
          THRICE
              .timeout(Duration.ofMillis(20))
              .retryOn(failure -> {
                asked.add(failure);
                return false;
              });
      assertThatThrownBy(() -> grain.exec(limited, () -> Thread.sleep(Duration.ofDays(1))))
          .isInstanceOf(JobTimedOutException.class);
      assertThat(asked).singleElement().isInstanceOf(JobTimedOutException.class);
    }
  }

  @Test
  void retryOn_thatThrows_failsTheJob_andIsSuppressed() {
    try (var grain = GrainExecutor.open(FOUR)) {
      JobOptions broken =
          THRICE.retryOn(_ -> {
            throw new IllegalArgumentException("no idea");
          });
      Job<Integer> job = grain.submit(broken, JobRetryTest::failUntilAttempt, 3);
      assertThatThrownBy(job::result)
          .isInstanceOf(JobFailedException.class)
          .hasCauseInstanceOf(IllegalStateException.class)
          .satisfies(thrown ->
              assertThat(thrown.getSuppressed())
                  .singleElement()
                  .isInstanceOf(IllegalArgumentException.class));
      assertThat(job.status()).isEqualTo(JobStatus.FAILED);
      assertThat(job.attempts()).hasSize(1);
    }
  }

  @Test
  void retryOn_whileItThinks_doesNotKeepTheJobFromBeingCancelled() {
    CountDownLatch thinks = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    try (var grain = GrainExecutor.open(FOUR)) {
      JobOptions slow =
          THRICE.retryOn(_ -> {
            thinks.countDown();
            return awaitInterrupt(never);
          });
      Job<Integer> job = grain.submit(slow, JobRetryTest::failUntilAttempt, 3);
      awaitText(job, "waits for retryOn to decide whether to start attempt 2");
      job.cancel();
      assertThatThrownBy(job::result).isInstanceOf(JobCancelledException.class);
    }
  }

  private static boolean awaitInterrupt(CountDownLatch never) {
    try {
      never.await();
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  @Test
  void result_afterSeveralAttempts_tellsEachInALine() {
    try (var grain = GrainExecutor.open(FOUR)) {
      Job<Integer> job = grain.submit(THRICE, JobRetryTest::failUntilAttempt, 4);
      assertThatThrownBy(job::result)
          .message()
          .matches(
              """
              Job 1 failed on local in attempt 3: java.lang.IllegalStateException: attempt 3
                attempt 1 on local: failed after [0-9.]+ m?s: java.lang.IllegalStateException: attempt 1
                attempt 2 on local: failed after [0-9.]+ m?s: java.lang.IllegalStateException: attempt 2
                attempt 3 on local: failed after [0-9.]+ m?s: java.lang.IllegalStateException: attempt 3\
              """);
    }
  }

  @Test
  void backoff_outOfRange_isRefusedWithTheValue() {
    Duration second = Duration.ofSeconds(1);
    assertThatThrownBy(() -> THRICE.backoff(second.negated()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("first is negative: -1 s");
    assertThatThrownBy(() -> THRICE.backoff(second, 0.5, second))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("factor is 0.5: at least 1");
    assertThatThrownBy(() -> THRICE.backoff(second, 2, Duration.ofMillis(999)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("most is 999 ms: not less than first, which is 1 s");
  }
}
