package dev.grain.schedule;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Attempt;
import dev.grain.Cause;
import dev.grain.explain.Sentences;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Fractions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Jobs whose node is away, and may be back with them. */
final class SchedulerAwaitTest {
  private final SchedulerHarness harness = SchedulerHarness.relaxed();
  private final Scheduler scheduler = harness.scheduler;
  private long lastNumber = 100;

  /** A job that waits for its node. */
  private static final class Detached extends ScheduledJob {
    Detached(long number, List<Attempt> attempts, int losses) {
      super(number);
      restore(attempts, losses);
    }

    @Override
    protected boolean mayReturn() {
      return true;
    }
  }

  private ScheduledJob submit(double cores) {
    ScheduledJob job = new Detached(++lastNumber, List.of(), 0);
    scheduler.submit(job, Demand.of(cpu(cores)), 0);
    harness.place();
    return job;
  }

  private ScheduledJob awaited(double cores, int attempt, boolean started, int losses) {
    ScheduledJob job = new Detached(++lastNumber, List.of(), losses);
    scheduler.submitAwaited(job, Demand.of(cpu(cores)), 0, attempt, "w1", started);
    harness.place();
    return job;
  }

  private void adoptRunning(Node node, ScheduledJob job, int attempt) {
    scheduler.adoptRunning(node, job, attempt, Fractions.NONE, 5);
    harness.place();
  }

  private void assertStatus(ScheduledJob job, String expected) {
    assertThat(Sentences.of(scheduler.explain(job))).contains(expected);
  }

  @AfterEach
  void nothingElse() {
    harness.assertNothingElse();
  }

  @Test
  void nodeAway_jobsThatMayReturn_areAwaited_andOthersRunAgain() {
    Node node = harness.join("w1", cpu(2));
    ScheduledJob returning = submit(1);
    ScheduledJob other = harness.submit(cpu(1));
    harness.assertRuns(returning, node).assertRuns(other, node);
    harness.started(node, returning);
    harness.started(node, other);

    assertThat(scheduler.nodeAway(node)).containsExactly(returning);
    harness.place();

    assertThat(scheduler.isAwaited(returning)).isTrue();
    assertThat(other.attempt()).isEqualTo(2);
    Node second = harness.join("w2", cpu(4));
    harness.assertRuns(other, second);
    assertStatus(returning, "has run on w1 for");
    assertStatus(returning, "; the worker is unreachable");
  }

  @Test
  void adopted_runningJob_holdsItsSlots_andEndsAsAnyOther() {
    ScheduledJob job = awaited(2, 3, true, 0);
    ScheduledJob waiting = harness.submit(cpu(2));
    Node node = scheduler.nodeJoined("w1", SchedulerHarness.offer(cpu(2)), Long.MAX_VALUE);
    scheduler.suspended(node);
    adoptRunning(node, job, 3);
    harness.resumed(node);

    assertThat(job.phase()).isEqualTo(ScheduledJob.Phase.RUNNING);
    // the other one is sent ahead at most
    harness.assertRuns(waiting, node);
    assertThat(waiting.lease).isNull();
    assertThat(harness.ended(node, job)).isEqualTo(Scheduler.Verdict.FINAL);
    assertThat(waiting.lease).isNotNull();
  }

  @Test
  void adopted_waitingJobs_getSlotsInTheirOrder_orWaitWithout() {
    ScheduledJob first = awaited(1, 1, false, 0);
    ScheduledJob second = awaited(1, 1, false, 0);
    Node node = scheduler.nodeJoined("w1", SchedulerHarness.offer(cpu(1)), Long.MAX_VALUE);
    scheduler.suspended(node);
    scheduler.adoptWaiting(node, first, 1);
    scheduler.adoptWaiting(node, second, 1);
    harness.resumed(node);

    assertThat(first.lease).isNotNull();
    assertThat(second.lease).isNull();
    harness.started(node, first);
    harness.ended(node, first);
    assertThat(second.lease).isNotNull();
  }

  @Test
  void adopted_moreThanTheNodeOffersNow_isAccountedWithoutSlots() {
    ScheduledJob job = awaited(4, 1, true, 0);
    Node node = scheduler.nodeJoined("w1", SchedulerHarness.offer(cpu(2)), Long.MAX_VALUE);
    scheduler.suspended(node);
    adoptRunning(node, job, 1);
    harness.resumed(node);

    assertThat(job.lease).isNull();
    assertThat(harness.ended(node, job)).isEqualTo(Scheduler.Verdict.FINAL);
  }

  @Test
  void adopted_endedJob_needsItsEndOnly() {
    ScheduledJob job = awaited(1, 2, false, 0);
    Node node = scheduler.nodeJoined("w1", SchedulerHarness.offer(cpu(1)), Long.MAX_VALUE);
    scheduler.adoptEnded(node, job, 2);
    harness.place();
    ScheduledJob other = harness.submit(cpu(1));
    harness.assertRuns(other, node);
    assertThat(other.lease).isNotNull();
    assertThat(harness.ended(node, job)).isEqualTo(Scheduler.Verdict.FINAL);
  }

  @Test
  void adopted_jobThatWasCancelled_isStopped() {
    ScheduledJob job = awaited(1, 1, true, 0);
    harness.cancel(job);
    assertThat(job.phase()).isEqualTo(ScheduledJob.Phase.QUEUED);
    assertStatus(job, "was told to stop but has not ended yet on w1, which is unreachable");

    Node node = harness.join("w1", cpu(1));
    adoptRunning(node, job, 1);
    harness.assertStops(job, node);
    assertThat(harness.failed(node, job, Cause.CANCELLED)).isEqualTo(Scheduler.Verdict.FINAL);
  }

  @Test
  void missing_isQueuedAsTheNextAttempt_withoutALoss() {
    ScheduledJob job = awaited(1, 1, true, 0);
    scheduler.missing(job);
    Node node = harness.join("w1", cpu(1));
    harness.assertRuns(job, node);
    assertThat(job.attempt()).isEqualTo(2);
    assertThat(job.losses()).isZero();
    assertThat(job.history()).isEmpty();
  }

  @Test
  void awaitedLost_byDeath_countsForAJobThatHadStarted() {
    ScheduledJob started = awaited(1, 1, true, 2);
    ScheduledJob waiting = awaited(1, 1, false, 2);
    scheduler.awaitedLost(started, true);
    scheduler.awaitedLost(waiting, true);
    harness.place();

    harness.assertFinishes(
        started, Cause.LOST, "worker w1 died while the job was running, for the third time");
    assertThat(waiting.phase()).isEqualTo(ScheduledJob.Phase.QUEUED);
    assertThat(waiting.alone()).isTrue();
  }

  @Test
  void awaitedLost_inTime_doesNotCount_andRunsFirst() {
    ScheduledJob younger = harness.submit(cpu(1));
    ScheduledJob job = awaited(1, 1, true, 0);
    scheduler.awaitedLost(job, false);
    harness.place();
    assertThat(job.losses()).isZero();
    assertThat(job.history()).hasSize(1);
    Node node = harness.join("w2", cpu(1));
    harness.assertRuns(job, node).assertRuns(younger, node);
  }

  @Test
  void awaitedLost_ofACancelledJob_endsIt() {
    ScheduledJob job = awaited(1, 1, true, 0);
    harness.cancel(job);
    scheduler.awaitedLost(job, true);
    assertThat(job.phase()).isEqualTo(ScheduledJob.Phase.ENDED);
    harness.forgetCommands();
  }

  @Test
  void restored_failures_countAgainstTheRetries() {
    Attempt failed = new Attempt(1, "w1", Duration.ZERO, Optional.of(Cause.FAILED), "broken");
    ScheduledJob job =
        new ScheduledJob(++lastNumber) {
          {
            restore(List.of(failed), 0);
          }

          @Override
          protected Retries retries() {
            return new Retries(1, 0, 1, 0, false);
          }
        };
    scheduler.submit(job, Demand.of(cpu(1)), 0, 2);
    Node node = harness.join("w1", cpu(1));
    harness.assertRuns(job, node);
    harness.started(node, job);
    assertThat(harness.failed(node, job, Cause.FAILED)).isEqualTo(Scheduler.Verdict.FINAL);
    assertThat(job.history()).hasSize(2);
  }
}
