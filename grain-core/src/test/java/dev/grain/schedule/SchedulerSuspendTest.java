package dev.grain.schedule;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Nodes that are out of reach for a while. */
final class SchedulerSuspendTest {
  private final SchedulerHarness core = SchedulerHarness.relaxed();

  @Test
  void suspended_getsNoJobs_untilItIsBack() {
    Node node = core.joinForLongJobs("a", cpu(2));
    ScheduledJob running = core.submit(cpu(1));
    core.assertRuns(running, node);
    core.started(node, running);
    core.suspended(node);
    ScheduledJob queued = core.submit(cpu(1));
    core.assertNothingElse();

    core.resumed(node);
    core.assertRuns(queued, node);
    assertThat(running.phase()).isEqualTo(ScheduledJob.Phase.RUNNING);
    assertThat(core.ended(node, running)).isEqualTo(Scheduler.Verdict.FINAL);
    assertThat(running.attempt()).isEqualTo(1);
    core.assertNothingElse();
  }

  @Test
  void suspended_hasNoJobTakenBack_butAnotherNodeTakesTheQueuedOnes() {
    Node node = core.joinForLongJobs("a", cpu(1));
    ScheduledJob running = core.submit(cpu(1));
    core.assertRuns(running, node);
    core.started(node, running);
    ScheduledJob queued = core.submit(cpu(1));
    core.suspended(node);
    Node other = core.joinForLongJobs("b", cpu(1));
    core.assertRuns(queued, other);
    core.resumed(node);
    core.assertNothingElse();
  }

  @Test
  void suspendedNode_thatIsLost_hasItsJobsRunElsewhere() {
    Node node = core.joinForLongJobs("a", cpu(1));
    ScheduledJob running = core.submit(cpu(1));
    core.assertRuns(running, node);
    core.started(node, running);
    core.suspended(node);
    core.lost(node, false);
    Node other = core.joinForLongJobs("b", cpu(1));
    assertThat(running.attempt()).isEqualTo(2);
    core.assertRuns(running, other).assertNothingElse();
  }

  @Test
  void drainingNode_thatIsBack_stillGetsNoJobs() {
    Node node = core.joinForLongJobs("a", cpu(1));
    core.suspended(node);
    core.draining(node);
    core.resumed(node);
    core.submit(cpu(1));
    core.assertNothingElse();
  }

  @Test
  void suspendedTwice_isBackAtOnce() {
    Node node = core.joinForLongJobs("a", cpu(1));
    core.suspended(node);
    core.suspended(node);
    core.resumed(node);
    core.assertRuns(core.submit(cpu(1)), node);
  }
}
