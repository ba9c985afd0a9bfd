package dev.grain.schedule;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Cause;
import org.junit.jupiter.api.Test;

/** Jobs whose slots are free before their large value has arrived. */
final class SchedulerFreedTest {
  private final SchedulerHarness core = SchedulerHarness.relaxed();
  private final Node node = core.joinForLongJobs("a", cpu(1));
  private final ScheduledJob job = core.submit(cpu(1), 1);

  @Test
  void freed_givesTheSlotsToOthers_andTheJobStillRuns() {
    ScheduledJob next = core.submit(cpu(1));
    core.assertRuns(job, node);
    core.started(node, job);
    core.freed(node, job);
    core.assertRuns(next, node);
    assertThat(job.phase()).isEqualTo(ScheduledJob.Phase.RUNNING);
    assertThat(core.scheduler.counts()).isEqualTo(new Counts(0, 1, 1, 0, 0, 0));
    core.started(node, next);
    assertThat(core.ended(node, job)).isEqualTo(Scheduler.Verdict.FINAL);
    assertThat(core.ended(node, next)).isEqualTo(Scheduler.Verdict.FINAL);
    assertThat(node.slots.idle()).isTrue();
    core.assertNothingElse();
  }

  @Test
  void freed_twiceOrBeforeTheStart_isCountedAsLate() {
    core.assertRuns(job, node);
    core.freed(node, job);
    core.started(node, job);
    core.freed(node, job);
    core.freed(node, job);
    assertThat(core.scheduler.counts().late()).isEqualTo(2);
    core.assertNothingElse();
  }

  @Test
  void ended_failedAfterFreed_runsAgain() {
    core.assertRuns(job, node);
    core.started(node, job);
    core.freed(node, job);
    assertThat(core.failed(node, job, Cause.FAILED)).isEqualTo(Scheduler.Verdict.RETRIED);
    core.assertRuns(job, node);
    core.started(node, job);
    assertThat(job.lease).isNotNull();
    core.assertNothingElse();
  }

  @Test
  void cancel_afterFreed_waitsForTheEnd() {
    core.assertRuns(job, node);
    core.started(node, job);
    core.freed(node, job);
    core.cancel(job);
    core.assertStops(job, node);
    assertThat(core.ended(node, job)).isEqualTo(Scheduler.Verdict.FINAL);
    core.assertNothingElse();
  }

  @Test
  void lost_afterFreed_runsTheJobAgainWithoutBlame() {
    core.assertRuns(job, node);
    Node holder = node;
    for (int loss = 1; loss <= 5; loss++) {
      core.started(holder, job);
      core.freed(holder, job);
      core.lost(holder, true);
      holder = core.joinForLongJobs("next" + loss, cpu(1));
      core.assertRuns(job, holder);
      assertThat(job.attempt()).isEqualTo(loss + 1);
      assertThat(job.alone()).isFalse();
    }
    assertThat(job.history())
        .extracting(each -> each.failure().orElseThrow())
        .containsOnly(Cause.LOST);
    core.assertNothingElse();
  }
}
