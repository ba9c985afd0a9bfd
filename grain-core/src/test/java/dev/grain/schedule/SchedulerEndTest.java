package dev.grain.schedule;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.Attempt;
import dev.grain.Cause;
import dev.grain.resource.internal.Demand;
import org.junit.jupiter.api.Test;

/** How jobs end: retries, cancellation, replies that come too late. */
final class SchedulerEndTest {
  private final SchedulerHarness core = SchedulerHarness.relaxed();
  private final Node node = core.joinForLongJobs("a", cpu(1));

  @Test
  void ended_failedWithRetriesLeft_runsAgainAtItsOldPlace() {
    ScheduledJob flaky = core.submit(cpu(1), 2);
    ScheduledJob waiting = core.submit(cpu(1));
    core.assertRuns(flaky, node);
    core.started(node, flaky);
    assertThat(core.failed(node, flaky, Cause.FAILED)).isEqualTo(Scheduler.Verdict.RETRIED);
    core.assertRuns(flaky, node);
    core.started(node, flaky);
    assertThat(core.failed(node, flaky, Cause.TIMED_OUT)).isEqualTo(Scheduler.Verdict.RETRIED);
    core.assertRuns(flaky, node);
    assertThat(flaky.attempt()).isEqualTo(3);
    core.started(node, flaky);
    assertThat(core.failed(node, flaky, Cause.FAILED)).isEqualTo(Scheduler.Verdict.FINAL);
    assertThat(flaky.history()).extracting(Attempt::number).containsExactly(1, 2, 3);
    assertThat(core.scheduler.counts().retried()).isEqualTo(2);
    core.assertRuns(waiting, node).assertNothingElse();
  }

  @Test
  void ended_ofAnOlderAttempt_isDroppedAndCounted() {
    ScheduledJob job = core.submit(cpu(1), 1);
    core.assertRuns(job, node);
    core.started(node, job);
    core.failed(node, job, Cause.FAILED);
    core.assertRuns(job, node);

    assertThat(core.scheduler.ended(node, job.number(), 1, null, 1))
        .isEqualTo(Scheduler.Verdict.LATE);
    assertThat(
            core.scheduler.started(
                node, job.number(), 1, dev.grain.resource.internal.Fractions.NONE))
        .isFalse();
    core.scheduler.returned(node, job.number(), 1);
    core.scheduler.notStopping(node, job.number(), 1, false);
    assertThat(core.scheduler.counts().late()).isEqualTo(4);
    core.started(node, job);
    assertThat(core.ended(node, job)).isEqualTo(Scheduler.Verdict.FINAL);
    core.assertNothingElse();
  }

  @Test
  void started_twice_isCountedAsLate() {
    ScheduledJob job = core.submit(cpu(1));
    core.assertRuns(job, node);
    assertThat(core.started(node, job)).isTrue();
    assertThat(core.started(node, job)).isFalse();
    assertThat(core.scheduler.counts().late()).isEqualTo(1);
    core.assertNothingElse();
  }

  @Test
  void cancel_beforeSubmission_endsTheJobWhenItComes() {
    ScheduledJob job = core.job(0);
    core.cancel(job);
    core.assertNothingElse();
    core.scheduler.submit(job, Demand.of(cpu(1)));
    core.assertFinishes(job, Cause.CANCELLED, "it was cancelled").assertNothingElse();
  }

  @Test
  void cancel_queued_endsItAtOnce() {
    core.assertRuns(core.submit(cpu(1)), node);
    ScheduledJob queued = core.submit(cpu(1));
    core.cancel(queued);
    core.cancel(queued);
    core.assertFinishes(queued, Cause.CANCELLED, "it was cancelled").assertNothingElse();
  }

  @Test
  void cancel_sent_stopsItAndItEndsWithTheNodesReply() {
    ScheduledJob job = core.submit(cpu(1));
    core.assertRuns(job, node);
    core.cancel(job);
    core.assertStops(job, node);
    assertThat(core.failed(node, job, Cause.CANCELLED)).isEqualTo(Scheduler.Verdict.FINAL);
    assertThat(node.slots.idle()).isTrue();
    core.assertNothingElse();
  }

  @Test
  void cancel_running_isNotRetried() {
    ScheduledJob job = core.submit(cpu(1), 3);
    core.assertRuns(job, node);
    core.started(node, job);
    core.cancel(job);
    core.assertStops(job, node);
    assertThat(job.phase()).isEqualTo(ScheduledJob.Phase.STOPPING);
    assertThat(core.failed(node, job, Cause.FAILED)).isEqualTo(Scheduler.Verdict.FINAL);
    core.assertNothingElse();
  }

  @Test
  void cancel_whileItIsTakenBack_endsItWhenItComesBack() {
    Node full = core.join("full", cpu(2));
    ScheduledJob first = core.submit(cpu(2));
    ScheduledJob ahead = core.submit(cpu(2));
    core.assertRuns(first, full).assertRuns(ahead, full);
    Node free = core.join("free", cpu(2));
    core.assertTakesBack(ahead, full);
    core.cancel(ahead);
    core.assertStops(ahead, full);
    core.returned(full, ahead);
    core.assertFinishes(ahead, Cause.CANCELLED, "it was cancelled").assertNothingElse();
    assertThat(free.slots.idle()).isTrue();
  }

  @Test
  void cancel_ended_doesNothing() {
    ScheduledJob job = core.submit(cpu(1));
    core.assertRuns(job, node);
    core.started(node, job);
    core.ended(node, job);
    core.cancel(job);
    core.assertNothingElse();
  }

  @Test
  void notStopping_endsTheJobAndKeepsItsSlotsUntilItEnds() {
    ScheduledJob stubborn = core.submit(cpu(1));
    core.assertRuns(stubborn, node);
    core.started(node, stubborn);
    core.cancel(stubborn);
    core.assertStops(stubborn, node);
    ScheduledJob waiting = core.submit(cpu(1));
    core.notStopping(node, stubborn, false);
    core.assertFinishes(
            stubborn,
            Cause.CANCELLED,
            "it ignores the interrupt on a and keeps its slots until it ends")
        .assertNothingElse();
    assertThat(node.slots.idle()).isFalse();

    assertThat(core.ended(node, stubborn)).isEqualTo(Scheduler.Verdict.LATE);
    core.assertRuns(waiting, node).assertNothingElse();
  }

  @Test
  void notStopping_atTheTimeLimit_endsAsTimedOut() {
    ScheduledJob stubborn = core.submit(cpu(1), 3);
    core.assertRuns(stubborn, node);
    core.started(node, stubborn);
    core.notStopping(node, stubborn, true);
    core.assertFinishes(
            stubborn,
            Cause.TIMED_OUT,
            "it ignores the interrupt on a and keeps its slots until it ends")
        .assertNothingElse();
  }

  @Test
  void submit_twice_isRefused() {
    ScheduledJob job = core.submit(cpu(1));
    core.assertRuns(job, node);
    assertThatThrownBy(() -> core.scheduler.submit(job, Demand.of(cpu(1))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("job 1 was submitted before");
    core.assertNothingElse();
  }
}
