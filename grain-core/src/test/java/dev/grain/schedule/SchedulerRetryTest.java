package dev.grain.schedule;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.schedule.SchedulerHarness.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Attempt;
import dev.grain.Cause;
import dev.grain.explain.Reason;
import dev.grain.resource.internal.Demand;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What becomes of jobs that have failed and may run again. */
final class SchedulerRetryTest {
  private static final Retries PATIENT = new Retries(5, 2 * SECOND, 2, 10 * SECOND, false);
  private static final Retries ASKING = new Retries(1, 0, 1, 0, true);

  private final SchedulerHarness core = SchedulerHarness.relaxed();

  private ScheduledJob submit(Retries retries) {
    ScheduledJob job = core.job(retries);
    core.scheduler.submit(job, Demand.of(cpu(1)));
    core.place();
    return job;
  }

  @Test
  void delay_growsByItsFactor_upToTheLongest() {
    assertThat(PATIENT.delay(1)).isEqualTo(2 * SECOND);
    assertThat(PATIENT.delay(2)).isEqualTo(4 * SECOND);
    assertThat(PATIENT.delay(3)).isEqualTo(8 * SECOND);
    assertThat(PATIENT.delay(4)).isEqualTo(10 * SECOND);
    assertThat(PATIENT.delay(1_000_000)).isEqualTo(10 * SECOND);
    assertThat(new Retries(5, SECOND, 1, SECOND, false).delay(1_000_000)).isEqualTo(SECOND);
    assertThat(Retries.NONE.delay(1)).isZero();
  }

  @Test
  void failed_withBackoff_waitsWithoutSlots_whileOthersRun() {
    Node node = core.joinForLongJobs("a", cpu(1));
    ScheduledJob job = submit(PATIENT);
    core.assertRuns(job, node);
    ScheduledJob other = core.submit(cpu(1));
    assertThat(core.failed(node, job, Cause.FAILED)).isEqualTo(Scheduler.Verdict.RETRIED);
    core.assertRuns(other, node).assertNothingElse();
    assertThat(job.phase()).isEqualTo(ScheduledJob.Phase.QUEUED);
    assertThat(core.scheduler.counts()).isEqualTo(new Counts(1, 1, 0, 1, 0, 0));
    assertThat(core.scheduler.unended()).containsExactlyInAnyOrder(job, other);
    assertThat(core.scheduler.nextDue()).isEqualTo(2 * SECOND);

    core.ended(node, other);
    core.sleep(2 * SECOND - 1);
    core.place();
    core.assertNothingElse();
    core.sleep(1);
    core.place();
    core.assertRuns(job, node).assertNothingElse();
    assertThat(job.attempt()).isEqualTo(2);
    assertThat(core.scheduler.nextDue()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void failed_withBackoff_keepsItsPlaceInTheQueue() {
    Node node = core.joinForLongJobs("a", cpu(1));
    ScheduledJob job = submit(PATIENT);
    ScheduledJob second = core.submit(cpu(1));
    ScheduledJob third = core.submit(cpu(1));
    core.assertRuns(job, node);
    core.failed(node, job, Cause.TIMED_OUT);
    core.assertRuns(second, node);
    core.sleep(2 * SECOND);
    core.place();
    core.ended(node, second);
    core.assertRuns(job, node).assertNothingElse();
    core.ended(node, job);
    core.assertRuns(third, node).assertNothingElse();
  }

  @Test
  void cancel_whileItWaits_endsItAtOnce() {
    Node node = core.joinForLongJobs("a", cpu(1));
    ScheduledJob job = submit(PATIENT);
    core.assertRuns(job, node);
    core.failed(node, job, Cause.FAILED);
    core.cancel(job);
    core.assertFinishes(job, Cause.CANCELLED, "it was cancelled").assertNothingElse();
    assertThat(core.scheduler.counts()).isEqualTo(new Counts(0, 0, 0, 1, 0, 0));
    assertThat(core.scheduler.nextDue()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void abandon_whileItWaits_endsIt() {
    Node node = core.joinForLongJobs("a", cpu(1));
    ScheduledJob job = submit(PATIENT);
    core.assertRuns(job, node);
    core.failed(node, job, Cause.FAILED);
    core.scheduler.abandon(job, new Reason.Other("the run is over"));
    core.assertFinishes(job, Cause.LOST, "the run is over").assertNothingElse();
  }

  @Test
  void lost_whileItWaits_changesNothing() {
    Node node = core.joinForLongJobs("a", cpu(1));
    ScheduledJob job = submit(PATIENT);
    core.assertRuns(job, node);
    core.failed(node, job, Cause.FAILED);
    core.lost(node, true);
    core.sleep(2 * SECOND);
    Node other = core.joinForLongJobs("b", cpu(1));
    core.assertRuns(job, other).assertNothingElse();
  }

  @Test
  void lost_whileItRuns_waitsForNothing_andSpendsNoRetry() {
    Node lost = core.joinForLongJobs("lost", cpu(1));
    ScheduledJob job = submit(new Retries(1, 2 * SECOND, 2, 2 * SECOND, false));
    core.assertRuns(job, lost);
    core.started(lost, job);
    core.sleep(3 * SECOND);
    core.place();
    core.lost(lost, true);
    Node node = core.joinForLongJobs("b", cpu(1));
    core.assertRuns(job, node);
    core.failed(node, job, Cause.FAILED);
    core.sleep(2 * SECOND);
    core.place();
    core.assertRuns(job, node);
    assertThat(core.failed(node, job, Cause.FAILED)).isEqualTo(Scheduler.Verdict.FINAL);
    assertThat(job.history())
        .extracting(Attempt::ran)
        .containsExactly(Duration.ofSeconds(3), Duration.ofMillis(1), Duration.ofMillis(1));
  }

  @Test
  void failed_ofWhichTheClientIsAsked_waitsForTheAnswer() {
    Node node = core.joinForLongJobs("a", cpu(1));
    ScheduledJob job = submit(ASKING);
    core.assertRuns(job, node);
    assertThat(core.failed(node, job, Cause.FAILED)).isEqualTo(Scheduler.Verdict.UNDECIDED);
    core.assertNothingElse();
    assertThat(job.phase()).isEqualTo(ScheduledJob.Phase.QUEUED);

    assertThat(core.scheduler.decided(job, 2, true)).isFalse();
    assertThat(core.scheduler.decided(job, 1, true)).isTrue();
    assertThat(core.scheduler.decided(job, 1, true)).isFalse();
    core.place();
    core.assertRuns(job, node).assertNothingElse();
    assertThat(core.failed(node, job, Cause.FAILED)).isEqualTo(Scheduler.Verdict.FINAL);
  }

  @Test
  void decided_thatItDoesNotRunAgain_endsIt() {
    Node node = core.joinForLongJobs("a", cpu(1));
    ScheduledJob job = submit(ASKING);
    core.assertRuns(job, node);
    core.failed(node, job, Cause.FAILED);
    assertThat(core.scheduler.decided(job, 1, false)).isTrue();
    assertThat(job.phase()).isEqualTo(ScheduledJob.Phase.ENDED);
    assertThat(core.scheduler.counts()).isEqualTo(new Counts(0, 0, 0, 0, 0, 0));
    core.assertNothingElse();
  }

  @Test
  void decided_afterItWasCancelled_isLate() {
    Node node = core.joinForLongJobs("a", cpu(1));
    ScheduledJob job = submit(ASKING);
    core.assertRuns(job, node);
    core.failed(node, job, Cause.FAILED);
    core.cancel(job);
    core.assertFinishes(job, Cause.CANCELLED, "it was cancelled");
    assertThat(core.scheduler.decided(job, 1, true)).isFalse();
    core.assertNothingElse();
  }
}
