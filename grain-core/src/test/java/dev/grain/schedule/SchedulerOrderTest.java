package dev.grain.schedule;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.gpu;
import static dev.grain.resource.Resources.memory;
import static dev.grain.resource.Resources.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Cause;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Fractions;
import org.junit.jupiter.api.Test;

/** Which job comes next. */
final class SchedulerOrderTest {
  @Test
  void submit_jobsThatFit_areSentInTheOrderOfSubmission() {
    var core = SchedulerHarness.relaxed();
    Node node = core.joinForLongJobs("a", cpu(2));
    ScheduledJob first = core.submit(cpu(1));
    ScheduledJob second = core.submit(cpu(1));
    ScheduledJob third = core.submit(cpu(1));
    ScheduledJob fourth = core.submit(cpu(1));
    core.assertRuns(first, node).assertRuns(second, node);
    assertThat(core.scheduler.counts()).isEqualTo(new Counts(2, 2, 0, 0, 0, 0));

    core.started(node, second);
    core.ended(node, second);
    core.assertRuns(third, node);
    core.started(node, first);
    core.ended(node, first);
    core.assertRuns(fourth, node).assertNothingElse();
  }

  @Test
  void submit_jobThatDoesNotFit_letsSmallerOnesPassUpToTheBound() {
    var core = SchedulerHarness.overtaking(2);
    Node node = core.joinForLongJobs("a", cpu(2));
    ScheduledJob running = core.submit(cpu(1));
    ScheduledJob big = core.submit(cpu(2));
    core.assertRuns(running, node);

    ScheduledJob small1 = core.submit(cpu(1));
    core.assertRuns(small1, node);
    core.ended(node, small1);
    ScheduledJob small2 = core.submit(cpu(1));
    core.assertRuns(small2, node);
    core.ended(node, small2);
    core.submit(cpu(1));
    core.assertNothingElse();

    core.ended(node, running);
    core.assertRuns(big, node).assertNothingElse();
  }

  @Test
  void submit_whileANodeIsReserved_usesWhatTheReservedJobLeaves() {
    var core = SchedulerHarness.overtaking(1);
    Node node = core.joinForLongJobs("a", cpu(4).and(memory("4GiB")).and(token("licence")));
    ScheduledJob running = core.submit(cpu(1).and(memory("3GiB")));
    core.assertRuns(running, node);
    ScheduledJob big = core.submit(cpu(2).and(memory("2GiB")).and(token("licence")));
    ScheduledJob passing = core.submit(cpu(1));
    core.assertRuns(passing, node);

    ScheduledJob tooMuch = core.submit(cpu(1));
    core.assertNothingElse();
    core.ended(node, passing);
    core.assertRuns(tooMuch, node).assertNothingElse();

    core.ended(node, running);
    core.assertRuns(big, node).assertNothingElse();
  }

  @Test
  void strict_jobThatDoesNotFit_letsNoOtherPass() {
    var core = SchedulerHarness.strict();
    Node node = core.join("a", cpu(2));
    ScheduledJob running = core.submit(cpu(1));
    ScheduledJob big = core.submit(cpu(2));
    ScheduledJob small = core.submit(cpu(1));
    core.assertRuns(running, node).assertNothingElse();

    core.started(node, running);
    core.ended(node, running);
    core.assertRuns(big, node).assertNothingElse();
    core.ended(node, big);
    core.assertRuns(small, node).assertNothingElse();
  }

  @Test
  void place_manyClassesAtOnce_takesTheOldestFirst() {
    var core = SchedulerHarness.relaxed();
    ScheduledJob[] jobs = new ScheduledJob[6];
    for (int i = 0; i < jobs.length; i++) {
      jobs[i] = core.enqueue(cpu(1).and(memory(1 + i % 3)));
    }
    Node node = core.join("a", cpu(6).and(memory("1GiB")));
    for (ScheduledJob job : jobs) {
      core.assertRuns(job, node);
    }
    core.assertNothingElse();
  }

  @Test
  void join_whileJobsWait_sendsThemThere() {
    var core = SchedulerHarness.relaxed();
    Node full = core.joinForLongJobs("full", cpu(1));
    ScheduledJob running = core.submit(cpu(1));
    ScheduledJob waiting = core.submit(cpu(1));
    core.assertRuns(running, full).assertNothingElse();

    Node joined = core.join("joined", cpu(1));
    core.assertRuns(waiting, joined).assertNothingElse();
  }

  @Test
  void strict_requestThatNobodyCanMeetNow_isWaitedFor() {
    var core = SchedulerHarness.strict();
    Node plain = core.join("plain", cpu(2));
    ScheduledJob impossible = core.submit(gpu(1));
    ScheduledJob possible = core.submit(cpu(1));
    core.assertNothingElse();

    Node special = core.join("special", cpu(1).and(gpu(1)));
    core.assertRuns(impossible, special).assertRuns(possible, plain).assertNothingElse();
  }

  @Test
  void strict_jobThatComesBackAndIsPassedOnANode_startsWhenTheNodeIsIdle() {
    var core = new SchedulerHarness(new Policy(true, 1, false, Placement.bestFit()));
    Node node = core.join("a", cpu(2));
    ScheduledJob back = core.job(new Retries(1, SchedulerHarness.SECOND, 1, 1, false));
    core.scheduler.submit(back, Demand.of(cpu(2)));
    core.place();
    core.failed(node, back, Cause.FAILED);
    ScheduledJob half = core.submit(cpu(0.5));
    ScheduledJob otherHalf = core.submit(cpu(0.5));
    ScheduledJob whole = core.submit(cpu(1));
    core.sleep(2 * SchedulerHarness.SECOND);
    core.place();
    core.forgetCommands();

    core.started(node, half);
    // on the core that the whole one was to get, which passes the one that has come back later
    core.started(node, otherHalf, new Fractions(1, Fractions.UNNAMED));
    core.ended(node, half);
    core.ended(node, otherHalf);
    core.assertNothingElse();
    core.ended(node, whole);
    core.assertRuns(back, node).assertNothingElse();
  }

  @Test
  void reserve_nodeWhereTheJobFits_startsItThere() {
    var core = SchedulerHarness.overtaking(1);
    Node busy = core.joinForLongJobs("busy", cpu(2));
    Node idle = core.joinForLongJobs("idle", cpu(2));
    ScheduledJob running1 = core.submit(cpu(1));
    ScheduledJob running2 = core.submit(cpu(1));
    ScheduledJob running3 = core.submit(cpu(2));
    core.assertRuns(running1, busy).assertRuns(running2, busy).assertRuns(running3, idle);
    core.scheduler.ended(idle, running3.number(), 1, null, 1);
    core.place();
    core.scheduler.ended(busy, running2.number(), 1, null, 1);
    ScheduledJob older = core.enqueue(cpu(2));
    ScheduledJob younger = core.enqueue(cpu(1));
    core.place();
    core.assertRuns(younger, busy).assertRuns(older, idle).assertNothingElse();
  }

  @Test
  void reserve_forJobWithToken_letsOthersUseTheToken() {
    var core = SchedulerHarness.overtaking(1);
    Node node = core.joinForLongJobs("a", cpu(4).and(token("licence")));
    ScheduledJob running = core.submit(cpu(2));
    ScheduledJob big = core.submit(cpu(3).and(token("licence")));
    ScheduledJob passing = core.submit(cpu(1));
    core.assertRuns(running, node).assertRuns(passing, node);

    ScheduledJob beside = core.submit(token("licence"));
    core.assertRuns(beside, node).assertNothingElse();
    core.ended(node, running);
    core.assertRuns(big, node).assertNothingElse();
  }
}
