package dev.grain.schedule;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.resource.internal.Fractions;
import org.junit.jupiter.api.Test;

/** Jobs that are sent to a node before there are slots for them. */
final class SchedulerAheadTest {
  private final SchedulerHarness core = SchedulerHarness.relaxed();

  @Test
  void submit_toAFullNode_sendsAsManyAheadAsRunThere() {
    Node node = core.join("a", cpu(1));
    ScheduledJob first = core.submit(cpu(1));
    ScheduledJob ahead = core.submit(cpu(1));
    ScheduledJob queued = core.submit(cpu(1));
    core.assertRuns(first, node).assertRuns(ahead, node);
    assertThat(ahead.phase()).isEqualTo(ScheduledJob.Phase.SENT);
    assertThat(queued.phase()).isEqualTo(ScheduledJob.Phase.QUEUED);
    assertThat(ahead.lease).isNull();
    core.assertNothingElse();
  }

  @Test
  void submit_toABoundedNode_sendsNoneAhead() {
    Node node = core.join("a", cpu(1));
    core.scheduler.bounded(node);
    ScheduledJob first = core.submit(cpu(1));
    ScheduledJob queued = core.submit(cpu(1));
    core.assertRuns(first, node).assertNothingElse();
    core.started(node, first);
    core.ended(node, first, 1);
    core.assertRuns(queued, node).assertNothingElse();
  }

  @Test
  void started_onACoreOutsideOfTheBound_keepsItsSlots() {
    Node node = core.join("a", cpu(1));
    core.scheduler.bounded(node);
    ScheduledJob job = core.submit(cpu(0.5));
    core.assertRuns(job, node);
    core.started(node, job, new Fractions(3, Fractions.UNNAMED));
    assertThat(job.phase()).isEqualTo(ScheduledJob.Phase.RUNNING);
    core.ended(node, job);
    core.assertNothingElse();
  }

  @Test
  void ended_shortJob_promotesTheNextAndSendsMoreAhead() {
    Node node = core.join("a", cpu(1));
    ScheduledJob first = core.submit(cpu(1));
    ScheduledJob ahead = core.submit(cpu(1));
    ScheduledJob third = core.submit(cpu(1));
    ScheduledJob fourth = core.submit(cpu(1));
    core.submit(cpu(1));
    core.assertRuns(first, node).assertRuns(ahead, node);

    core.started(node, first);
    // two milliseconds of work are to wait at the node: two jobs of one millisecond
    core.ended(node, first, 1_000_000);
    assertThat(ahead.lease).isNotNull();
    core.assertRuns(third, node).assertRuns(fourth, node).assertNothingElse();
  }

  @Test
  void ended_shortJobs_sendsMoreAheadWhenHalfOfThemAreGone() {
    Node node = core.join("a", cpu(2));
    ScheduledJob[] jobs = new ScheduledJob[12];
    for (int i = 0; i < jobs.length; i++) {
      jobs[i] = core.submit(cpu(1));
    }
    assertRun(jobs, 0, 4, node);
    core.ended(node, jobs[0], 1_100_000);
    // what waits is to do for two milliseconds, and so four jobs of a little more than one
    assertRun(jobs, 4, 7, node);
    core.ended(node, jobs[1], 1_100_000);
    core.assertNothingElse();
    core.ended(node, jobs[2], 1_100_000);
    assertRun(jobs, 7, 9, node);
    core.ended(node, jobs[3], 1_100_000);
    core.assertNothingElse();
    core.ended(node, jobs[4], 1_100_000);
    assertRun(jobs, 9, 11, node);
  }

  @Test
  void ended_jobsOfWhichFewAreAhead_sendsOneForEach() {
    Node node = core.join("a", cpu(4));
    ScheduledJob[] jobs = new ScheduledJob[12];
    for (int i = 0; i < jobs.length; i++) {
      jobs[i] = core.submit(cpu(1));
    }
    assertRun(jobs, 0, 8, node);
    for (int i = 0; i < 4; i++) {
      core.ended(node, jobs[i], 5_000_000);
      // with fewer, those that end at the same time could leave a core without one
      assertRun(jobs, 8 + i, 9 + i, node);
    }
  }

  @Test
  void ended_manyShortJobs_sendsOthersBeforeHalfOfThemAreGone() {
    Node node = core.join("a", cpu(1));
    ScheduledJob first = core.submit(cpu(1));
    core.ended(node, first, 1);
    ScheduledJob[] jobs = new ScheduledJob[5_000];
    for (int i = 0; i < jobs.length; i++) {
      jobs[i] = core.enqueue(cpu(1));
    }
    core.place();
    core.assertRuns(first, node);
    assertRun(jobs, 0, 4_097, node);
    for (int i = 0; i < 63; i++) {
      core.ended(node, jobs[i], 1);
    }
    core.assertNothingElse();
    core.ended(node, jobs[63], 1);
    assertRun(jobs, 4_097, 4_161, node);
  }

  private void assertRun(ScheduledJob[] jobs, int first, int end, Node node) {
    for (int i = first; i < end; i++) {
      core.assertRuns(jobs[i], node);
    }
    core.assertNothingElse();
  }

  @Test
  void ended_longJob_sendsNoneAhead() {
    Node node = core.join("a", cpu(1));
    ScheduledJob first = core.submit(cpu(1));
    ScheduledJob ahead = core.submit(cpu(1));
    core.submit(cpu(1));
    core.assertRuns(first, node).assertRuns(ahead, node);
    core.started(node, first);
    core.ended(node, first, SchedulerHarness.SECOND);
    core.assertNothingElse();
  }

  @Test
  void ended_jobThatNeverStarted_saysNothingAboutHowLongJobsRun() {
    Node node = core.joinForLongJobs("a", cpu(1));
    for (int i = 0; i < 100; i++) {
      ScheduledJob job = core.submit(cpu(1));
      core.assertRuns(job, node);
      core.cancel(job);
      core.assertStops(job, node);
      core.failed(node, job, dev.grain.Cause.CANCELLED);
    }
    ScheduledJob running = core.submit(cpu(1));
    core.assertRuns(running, node);
    core.submit(cpu(1));
    core.assertNothingElse();
  }

  @Test
  void join_whileAJobWaitsElsewhere_takesItBackForTheFreeNode() {
    Node full = core.join("full", cpu(1));
    ScheduledJob first = core.submit(cpu(1));
    ScheduledJob ahead = core.submit(cpu(1));
    core.assertRuns(first, full).assertRuns(ahead, full);

    Node free = core.join("free", cpu(1));
    core.assertTakesBack(ahead, full);
    assertThat(free.slots.idle()).as("slots are kept for it").isFalse();
    core.returned(full, ahead);
    core.assertRuns(ahead, free).assertNothingElse();
    assertThat(ahead.attempt()).isEqualTo(1);
  }

  @Test
  void started_whileItIsTakenBack_freesWhatWasKeptElsewhere() {
    Node full = core.join("full", cpu(1));
    ScheduledJob first = core.submit(cpu(1));
    ScheduledJob ahead = core.submit(cpu(1));
    core.assertRuns(first, full).assertRuns(ahead, full);
    Node free = core.join("free", cpu(1));
    core.assertTakesBack(ahead, full);

    core.ended(full, first);
    core.started(full, ahead, Fractions.NONE);
    assertThat(ahead.phase()).isEqualTo(ScheduledJob.Phase.RUNNING);
    assertThat(free.slots.idle()).isTrue();
    assertThat(core.ended(full, ahead)).isEqualTo(Scheduler.Verdict.FINAL);
    core.assertNothingElse();
  }

  @Test
  void started_jobWithoutSlots_takesThemFromOneThatHasNotStarted() {
    Node node = core.join("a", cpu(2));
    ScheduledJob first = core.submit(cpu(1));
    ScheduledJob second = core.submit(cpu(1));
    ScheduledJob large = core.submit(cpu(2));
    ScheduledJob small = core.submit(cpu(1));
    core.assertRuns(first, node).assertRuns(second, node);
    core.assertRuns(large, node).assertRuns(small, node);
    core.started(node, first);
    core.started(node, second);

    core.ended(node, first);
    assertThat(small.lease).as("given by the head").isNotNull();
    core.ended(node, second);
    core.started(node, large, Fractions.NONE);
    assertThat(small.lease).as("taken by the node").isNull();
    assertThat(small.phase()).isEqualTo(ScheduledJob.Phase.SENT);
    core.ended(node, large);
    core.started(node, small);
    assertThat(core.ended(node, small)).isEqualTo(Scheduler.Verdict.FINAL);
    core.assertNothingElse();
  }

  @Test
  void started_jobsThatLoseTheirSlots_areTakenBackForEveryNodeThatIsFree() {
    Node node = core.join("a", cpu(4));
    ScheduledJob[] running = new ScheduledJob[4];
    for (int i = 0; i < 4; i++) {
      running[i] = core.submit(cpu(1));
      core.assertRuns(running[i], node);
    }
    ScheduledJob large = core.submit(cpu(4));
    ScheduledJob small1 = core.submit(cpu(1));
    ScheduledJob small2 = core.submit(cpu(1));
    core.assertRuns(large, node).assertRuns(small1, node).assertRuns(small2, node);
    for (ScheduledJob job : running) {
      core.ended(node, job);
    }
    Node b = core.join("b", cpu(1));
    Node c = core.join("c", cpu(1));
    core.assertNothingElse();
    core.started(node, large, Fractions.NONE);
    core.assertTakesBack(small2, node).assertTakesBack(small1, node);
    core.returned(node, small1);
    core.returned(node, small2);
    core.assertRuns(small1, c).assertRuns(small2, b).assertNothingElse();
  }

  @Test
  void returned_whileAnotherNodeIsFree_isNotSentAheadAgain() {
    Node full = core.join("full", cpu(1));
    ScheduledJob first = core.submit(cpu(1));
    ScheduledJob ahead = core.submit(cpu(1));
    core.assertRuns(first, full).assertRuns(ahead, full);
    Node free = core.join("free", cpu(1));
    core.assertTakesBack(ahead, full);
    core.lost(free, false);
    Node other = core.join("other", cpu(1));
    core.returned(full, ahead);
    core.assertRuns(ahead, other).assertNothingElse();
  }

  @Test
  void promote_beforeAnOlderJobInTheQueue_countsAsOvertaking() {
    SchedulerHarness impatient = SchedulerHarness.overtaking(2);
    ScheduledJob alone = impatient.submit(cpu(1));
    Node lost = impatient.join("lost", cpu(1));
    impatient.started(lost, alone);
    impatient.lost(lost, true);
    lost = impatient.join("lost too", cpu(1));
    impatient.started(lost, alone);
    impatient.forgetCommands();
    Node node = impatient.join("a", cpu(2));
    ScheduledJob first = impatient.submit(cpu(1));
    impatient.assertRuns(first, node);
    impatient.lost(lost, true);
    ScheduledJob second = impatient.submit(cpu(1));
    ScheduledJob third = impatient.submit(cpu(1));
    impatient.assertRuns(second, node).assertRuns(third, node);
    assertThat(alone.overtaken).isEqualTo(1);

    impatient.ended(node, first);
    assertThat(third.lease).isNotNull();
    assertThat(impatient.scheduler.nodes.reservedJob).isSameAs(alone);
    impatient.ended(node, second);
    impatient.ended(node, third);
    impatient.assertRuns(alone, node).assertNothingElse();
  }

  @Test
  void takeBack_ofAJobThatRunsAlone_leavesNoRoomForOthersAtItsNewNode() {
    ScheduledJob alone = core.submit(cpu(1));
    Node lost = core.join("lost", cpu(1));
    core.started(lost, alone);
    core.lost(lost, true);
    Node doomed = core.joinForLongJobs("doomed", cpu(1));
    core.started(doomed, alone);
    core.forgetCommands();
    Node full = core.join("full", cpu(1));
    ScheduledJob running = core.submit(cpu(1));
    ScheduledJob ahead = core.submit(cpu(1));
    core.assertRuns(running, full).assertRuns(ahead, full);
    core.started(full, running);
    Node free = core.join("free", cpu(1));
    core.assertTakesBack(ahead, full);
    core.lost(doomed, true);
    assertThat(alone.alone()).isTrue();
    core.ended(full, running);
    core.assertRuns(alone, full);

    core.started(full, ahead, Fractions.NONE);
    core.assertTakesBack(alone, full);
    ScheduledJob next = core.submit(cpu(1));
    core.assertNothingElse();
    core.returned(full, alone);
    core.assertRuns(alone, free).assertRuns(next, full).assertNothingElse();
  }
}
