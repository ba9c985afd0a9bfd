package dev.grain.schedule;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Cause;
import org.junit.jupiter.api.Test;

/** Nodes that take no more jobs. */
final class SchedulerDrainTest {
  private final SchedulerHarness core = SchedulerHarness.relaxed();

  @Test
  void draining_getsNoMoreJobs_andKeepsThoseThatRun() {
    Node node = core.joinForLongJobs("a", cpu(2));
    ScheduledJob running = core.submit(cpu(1));
    core.assertRuns(running, node);
    core.started(node, running);
    core.draining(node);
    ScheduledJob queued = core.submit(cpu(1));
    core.assertNothingElse();
    assertThat(running.phase()).isEqualTo(ScheduledJob.Phase.RUNNING);

    Node other = core.joinForLongJobs("b", cpu(1));
    core.assertRuns(queued, other);
    assertThat(core.ended(node, running)).isEqualTo(Scheduler.Verdict.FINAL);
    core.draining(node);
    core.lost(node, false);
    core.assertNothingElse();
  }

  @Test
  void draining_jobsThatComeBack_runElsewhere() {
    Node node = core.join("a", cpu(1));
    ScheduledJob running = core.submit(cpu(1));
    ScheduledJob ahead = core.submit(cpu(1));
    core.assertRuns(running, node).assertRuns(ahead, node);
    core.draining(node);
    core.returned(node, running);
    core.returned(node, ahead);
    core.assertNothingElse();
    assertThat(node.slots.idle()).isTrue();
    Node other = core.join("b", cpu(2));
    core.assertRuns(running, other).assertRuns(ahead, other).assertNothingElse();
    assertThat(ahead.attempt()).isEqualTo(1);
  }

  @Test
  void draining_whileAJobStartsThere_followsTheNode() {
    Node node = core.join("a", cpu(1));
    ScheduledJob running = core.submit(cpu(1));
    ScheduledJob ahead = core.submit(cpu(1));
    core.assertRuns(running, node).assertRuns(ahead, node);
    core.started(node, running);
    core.draining(node);
    core.ended(node, running);
    core.started(node, ahead);
    assertThat(core.ended(node, ahead)).isEqualTo(Scheduler.Verdict.FINAL);
    assertThat(node.slots.idle()).isTrue();
    core.assertNothingElse();
  }

  @Test
  void draining_nodeThatKeepsSlotsForAnother_letsTheJobGoElsewhere() {
    Node full = core.join("full", cpu(1));
    ScheduledJob first = core.submit(cpu(1));
    ScheduledJob ahead = core.submit(cpu(1));
    core.assertRuns(first, full).assertRuns(ahead, full);
    Node free = core.join("free", cpu(1));
    core.assertTakesBack(ahead, full);
    core.draining(free);
    assertThat(free.slots.idle()).isTrue();
    Node other = core.join("other", cpu(1));
    core.returned(full, ahead);
    core.assertRuns(ahead, other).assertNothingElse();
  }

  @Test
  void draining_theOnlyNodeThatCouldRunThem_endsThoseThatWaitWhereNoneComes() {
    SchedulerHarness closed = SchedulerHarness.closed();
    Node large = closed.join("large", cpu(2));
    Node small = closed.joinForLongJobs("small", cpu(1));
    ScheduledJob running = closed.submit(cpu(2));
    ScheduledJob waiting = closed.submit(cpu(2));
    ScheduledJob queued = closed.submit(cpu(2));
    closed.assertRuns(running, large).assertRuns(waiting, large);
    closed.started(large, running);
    closed.draining(large);
    String reason =
        "it requests cpu(2), more than any worker has (small offers %s)".formatted(small.offer());
    closed.assertFinishes(queued, Cause.NOT_STARTED, reason);
    closed.returned(large, waiting);
    closed.assertFinishes(waiting, Cause.NOT_STARTED, reason);
    assertThat(closed.ended(large, running)).isEqualTo(Scheduler.Verdict.FINAL);
    closed.assertNothingElse();
  }

  @Test
  void draining_nodeThatIsReserved_letsOthersGoOn() {
    SchedulerHarness impatient = SchedulerHarness.overtaking(1);
    Node reserved = impatient.joinForLongJobs("reserved", cpu(2));
    ScheduledJob running = impatient.submit(cpu(1));
    ScheduledJob big = impatient.submit(cpu(2));
    ScheduledJob passing = impatient.submit(cpu(1));
    impatient.assertRuns(running, reserved).assertRuns(passing, reserved);
    assertThat(impatient.scheduler.nodes.reservedNode).isSameAs(reserved);
    impatient.draining(reserved);
    assertThat(impatient.scheduler.nodes.reservedNode).isNull();
    Node joined = impatient.joinForLongJobs("joined", cpu(2));
    impatient.assertRuns(big, joined).assertNothingElse();
  }
}
