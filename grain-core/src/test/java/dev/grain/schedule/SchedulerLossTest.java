package dev.grain.schedule;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Attempt;
import dev.grain.Cause;
import org.junit.jupiter.api.Test;

/** What becomes of jobs whose node is lost. */
final class SchedulerLossTest {
  private final SchedulerHarness core = SchedulerHarness.relaxed();

  @Test
  void lost_startedJobsComeFirst_andTheOthersAtTheirOldPlaces() {
    Node lost = core.joinForLongJobs("lost", cpu(3));
    ScheduledJob sent = core.submit(cpu(1));
    ScheduledJob started1 = core.submit(cpu(1));
    ScheduledJob started2 = core.submit(cpu(1));
    ScheduledJob queued = core.submit(cpu(1));
    core.started(lost, started1);
    core.started(lost, started2);
    core.forgetCommands();

    core.lost(lost, false);
    core.assertNothingElse();
    assertThat(core.scheduler.counts()).isEqualTo(new Counts(4, 0, 0, 0, 2, 0));
    Node joined = core.join("joined", cpu(4));
    assertThat(started1.attempt()).isEqualTo(2);
    core.assertRuns(started1, joined).assertRuns(started2, joined);
    core.assertRuns(sent, joined).assertRuns(queued, joined).assertNothingElse();
  }

  @Test
  void lost_thirdTimeByProvenDeath_endsTheJobAfterItRanAlone() {
    ScheduledJob killer = core.submit(cpu(1));
    for (int loss = 1; loss <= 3; loss++) {
      Node node = core.joinForLongJobs("node" + loss, cpu(4));
      core.assertRuns(killer, node);
      assertThat(killer.alone()).isEqualTo(loss == 3);
      core.started(node, killer);
      ScheduledJob other = core.submit(cpu(1));
      if (loss < 3) {
        core.assertRuns(other, node);
        core.cancel(other);
        core.assertStops(other, node);
        core.failed(node, other, Cause.CANCELLED);
      } else {
        core.assertNothingElse();
        core.cancel(other);
        core.assertFinishes(other, Cause.CANCELLED, "it was cancelled");
      }
      core.lost(node, true);
    }
    core.assertFinishes(
            killer, Cause.LOST, "worker node3 died while the job was running, for the third time")
        .assertNothingElse();
    assertThat(killer.history())
        .hasSize(3)
        .extracting(Attempt::reason)
        .containsOnly("the worker died");
  }

  @Test
  void lost_withoutProof_isNotCounted() {
    ScheduledJob job = core.submit(cpu(1));
    for (int loss = 1; loss <= 10; loss++) {
      Node node = core.joinForLongJobs("node" + loss, cpu(1));
      core.assertRuns(job, node);
      core.started(node, job);
      core.lost(node, false);
      assertThat(job.alone()).isFalse();
    }
    core.assertNothingElse();
  }

  @Test
  void lost_beforeItStarted_isNotCounted() {
    ScheduledJob job = core.submit(cpu(1));
    for (int loss = 1; loss <= 10; loss++) {
      Node node = core.joinForLongJobs("node" + loss, cpu(1));
      core.assertRuns(job, node);
      core.lost(node, true);
      assertThat(job.alone()).isFalse();
    }
    core.assertNothingElse();
  }

  @Test
  void lost_beginningWithOtherJobs_neverEndsOneThatDidNotKillAWorkerAlone() {
    ScheduledJob victim = core.submit(cpu(1));
    for (int loss = 1; loss <= 2; loss++) {
      Node node = core.joinForLongJobs("shared" + loss, cpu(4));
      core.started(node, victim);
      core.lost(node, true);
    }
    core.forgetCommands();
    Node own = core.joinForLongJobs("own", cpu(4));
    core.assertRuns(victim, own);
    core.started(own, victim);
    assertThat(core.ended(own, victim)).isEqualTo(Scheduler.Verdict.FINAL);
    core.assertNothingElse();
  }

  @Test
  void lost_cancelledJob_endsAsCancelled() {
    Node node = core.joinForLongJobs("a", cpu(1));
    ScheduledJob job = core.submit(cpu(1));
    core.assertRuns(job, node);
    core.started(node, job);
    core.cancel(job);
    core.assertStops(job, node);
    core.lost(node, true);
    core.assertFinishes(job, Cause.CANCELLED, "it was cancelled, and a was lost")
        .assertNothingElse();
  }

  @Test
  void lost_jobThatDoesNotStop_isForgotten() {
    Node node = core.joinForLongJobs("a", cpu(1));
    ScheduledJob job = core.submit(cpu(1));
    core.assertRuns(job, node);
    core.started(node, job);
    core.notStopping(node, job, true);
    core.forgetCommands();
    core.lost(node, true);
    core.assertNothingElse();
    assertThat(core.scheduler.counts().running()).isZero();
  }

  @Test
  void lost_nodeThatWasReserved_letsOthersGoOn() {
    SchedulerHarness impatient = SchedulerHarness.overtaking(1);
    Node reserved = impatient.joinForLongJobs("reserved", cpu(2));
    ScheduledJob running = impatient.submit(cpu(1));
    ScheduledJob big = impatient.submit(cpu(2));
    ScheduledJob passing = impatient.submit(cpu(1));
    impatient.assertRuns(running, reserved).assertRuns(passing, reserved);
    assertThat(impatient.scheduler.nodes.reservedNode).isSameAs(reserved);
    impatient.lost(reserved, false);
    Node joined = impatient.joinForLongJobs("joined", cpu(2));
    impatient.assertRuns(running, joined).assertRuns(passing, joined);
    impatient.ended(joined, running);
    impatient.ended(joined, passing);
    impatient.assertRuns(big, joined).assertNothingElse();
  }

  @Test
  void lost_nodeForWhichAJobIsTakenBack_putsTheJobIntoTheQueue() {
    Node full = core.join("full", cpu(1));
    ScheduledJob first = core.submit(cpu(1));
    ScheduledJob ahead = core.submit(cpu(1));
    core.assertRuns(first, full).assertRuns(ahead, full);
    Node free = core.join("free", cpu(1));
    core.assertTakesBack(ahead, full);
    core.lost(free, true);
    core.returned(full, ahead);
    // sent ahead again, as before
    core.assertRuns(ahead, full).assertNothingElse();
  }

  @Test
  void replies_ofALostNode_areDroppedAndCounted() {
    Node node = core.joinForLongJobs("a", cpu(1));
    ScheduledJob job = core.submit(cpu(1));
    core.assertRuns(job, node);
    core.lost(node, false);
    assertThat(core.scheduler.ended(node, job.number(), 1, null, 1))
        .isEqualTo(Scheduler.Verdict.LATE);
    assertThat(core.scheduler.counts().late()).isEqualTo(1);
    core.lost(node, true);
    core.assertNothingElse();
  }
}
