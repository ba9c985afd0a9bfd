package dev.grain.schedule;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.memory;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Resource;
import dev.grain.explain.Sentences;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Holdings;
import dev.grain.resource.internal.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Nodes on which jobs of other heads hold slots. */
final class SchedulerOthersTest {
  private final SchedulerHarness harness = SchedulerHarness.relaxed();

  private void othersHold(SchedulerHarness on, Node node, Resource held) {
    report(
        on, node, new Holdings(1, false, Demand.of(held).parts(), List.of(), List.of(), List.of()));
  }

  private static void report(SchedulerHarness on, Node node, Holdings holdings) {
    on.scheduler.othersHold(node, holdings, false);
    on.place();
  }

  private String explain(ScheduledJob job) {
    return Sentences.of(harness.scheduler.explain(job));
  }

  @Test
  void othersHold_someCores_leavesTheRestToJobs() {
    Node node = harness.join("shared", cpu(4));
    othersHold(harness, node, cpu(3));

    assertThat(node.free(Kind.CPU)).isEqualTo(10_000);
    assertThat(node.heldByOthers(Kind.CPU)).isEqualTo(30_000);
    ScheduledJob small = harness.submit(cpu(1));
    harness.assertRuns(small, node).assertNothingElse();
    assertThat(small.ahead).isFalse();
  }

  @Test
  void othersHold_coresOfAJobThatHasNotStarted_takesItBackForAnIdleNode() {
    Node shared = harness.join("shared", cpu(2));
    ScheduledJob job = harness.submit(cpu(2));
    harness.assertRuns(job, shared);
    Node idle = harness.join("idle", cpu(2));
    harness.assertNothingElse();

    othersHold(harness, shared, cpu(1));
    harness.assertTakesBack(job, shared);
    harness.returned(shared, job);
    harness.assertRuns(job, idle).assertNothingElse();
  }

  @Test
  void othersHold_coresOfAJobThatHasNotStarted_takesItBackWhenAnotherNodeJoins() {
    Node shared = harness.join("shared", cpu(2));
    ScheduledJob job = harness.submit(cpu(2));
    harness.assertRuns(job, shared);
    othersHold(harness, shared, cpu(1));
    harness.assertNothingElse();

    harness.join("idle", cpu(2));
    harness.assertTakesBack(job, shared).assertNothingElse();
  }

  @Test
  void othersHold_aPartOfACore_isNotTakenForAWholeOneElsewhere() {
    Node node = harness.join("shared", cpu(2));
    List<Holdings.Share> halves = List.of(new Holdings.Share(0, 5_000), new Holdings.Share(1, 500));
    report(harness, node, new Holdings(2, false, List.of(), halves, List.of(), List.of()));

    ScheduledJob whole = harness.submit(cpu(1));
    assertThat(whole.lease).isNull();
    harness.forgetCommands();
    ScheduledJob half = harness.submit(cpu(0.9));
    assertThat(half.lease).isNotNull();
    assertThat(half.lease.fractions()).isEqualTo(new Fractions(1, Fractions.UNNAMED));
  }

  @Test
  void othersHold_wholeCoresAndAPartOfOne_takesBothFromAJobThatHasNotStarted() {
    Node shared = harness.join("shared", cpu(2));
    ScheduledJob job = harness.submit(cpu(1));
    harness.assertRuns(job, shared);
    List<Holdings.Share> part = List.of(new Holdings.Share(1, 7_000));
    report(
        harness,
        shared,
        new Holdings(1, false, Demand.of(cpu(1)).parts(), part, List.of(), List.of()));

    assertThat(shared.free(Kind.CPU)).isEqualTo(3_000);
    Node idle = harness.join("idle", cpu(2));
    harness.assertTakesBack(job, shared);
    harness.returned(shared, job);
    harness.assertRuns(job, idle).assertNothingElse();
  }

  @Test
  void othersHold_whereAnOlderJobLetsNoYoungerOneBegin_takesJobsBackForAnIdleNode() {
    Node shared = harness.join("shared", cpu(2));
    ScheduledJob job = harness.submit(cpu(1));
    harness.assertRuns(job, shared);
    Node idle = harness.join("idle", cpu(2));

    harness.scheduler.othersHold(shared, Holdings.NONE, true);
    harness.place();
    harness.assertTakesBack(job, shared);
    harness.returned(shared, job);
    harness.assertRuns(job, idle);
    ScheduledJob next = harness.submit(cpu(1));
    harness.assertRuns(next, idle).assertNothingElse();
  }

  @Test
  void reserve_nodeThatLetsAJobOfAnotherHeadGoFirst_leavesTheJobForAnIdleNode() {
    var core = SchedulerHarness.overtaking(1);
    Node shared = core.joinForLongJobs("shared", cpu(2));
    ScheduledJob running = core.submit(cpu(1));
    ScheduledJob older = core.submit(cpu(2));
    ScheduledJob younger = core.submit(cpu(1));
    core.assertRuns(running, shared).assertRuns(younger, shared).assertNothingElse();

    core.scheduler.othersHold(shared, Holdings.NONE, true);
    core.ended(shared, running);
    core.ended(shared, younger);
    core.assertNothingElse();
    Node idle = core.join("idle", cpu(2));
    core.assertRuns(older, idle).assertNothingElse();
  }

  @Test
  void othersHold_nothingAnyMore_givesTheSlotsToJobsThatWaitThere() {
    Node node = harness.join("shared", cpu(2));
    othersHold(harness, node, cpu(2));
    ScheduledJob job = harness.submit(cpu(1));
    harness.assertRuns(job, node).assertNothingElse();
    assertThat(job.ahead).isTrue();

    report(harness, node, Holdings.NONE);
    assertThat(job.ahead).isFalse();
    harness.started(node, job);
    harness.ended(node, job);
    harness.assertNothingElse();
  }

  @Test
  void started_beforeTheOthersAreSaidToHaveLess_isBelieved() {
    Node node = harness.join("shared", cpu(2));
    othersHold(harness, node, cpu(2));
    ScheduledJob job = harness.submit(cpu(1));
    harness.started(node, job);
    assertThat(node.free(Kind.CPU)).isZero();

    othersHold(harness, node, cpu(1));
    assertThat(node.free(Kind.CPU)).isZero();
    harness.ended(node, job);
    assertThat(node.free(Kind.CPU)).isEqualTo(10_000);
  }

  @Test
  void othersHold_moreThanIsKnownToBeFree_takesItWhenAJobHasFreedItsSlots() {
    Node node = harness.join("shared", cpu(2));
    ScheduledJob job = harness.submit(cpu(2));
    harness.started(node, job);
    othersHold(harness, node, cpu(2));
    assertThat(node.free(Kind.CPU)).isZero();

    harness.freed(node, job);
    assertThat(node.free(Kind.CPU)).isZero();
    harness.ended(node, job);
    report(harness, node, Holdings.NONE);
    assertThat(node.free(Kind.CPU)).isEqualTo(20_000);
  }

  @Test
  void submit_whereOthersHoldAll_sendsAsManyAheadAsOthersRunThoughJobsTakeLong() {
    Node node = harness.joinForLongJobs("shared", cpu(2));
    report(
        harness,
        node,
        new Holdings(2, false, Demand.of(cpu(2)).parts(), List.of(), List.of(), List.of()));
    ScheduledJob first = harness.submit(cpu(1));
    ScheduledJob second = harness.submit(cpu(1));
    harness.submit(cpu(1));

    harness.assertRuns(first, node).assertRuns(second, node).assertNothingElse();
  }

  @Test
  void submit_inStrictOrder_hasTheFirstJobWaitWhereOthersAre() {
    SchedulerHarness strict = SchedulerHarness.strict();
    Node shared = strict.join("shared", cpu(2));
    othersHold(strict, shared, cpu(1));
    ScheduledJob first = strict.submit(cpu(2));
    strict.submit(cpu(2));
    strict.assertRuns(first, shared).assertNothingElse();

    strict.join("idle", cpu(2));
    strict.assertTakesBack(first, shared).assertNothingElse();
  }

  @Test
  void othersHold_ofABoundedNode_leavesItsSlotsAndTakesAnotherNodeFirst() {
    Node shared =
        harness.scheduler.nodeJoined("shared", SchedulerHarness.offer(cpu(2)), Long.MAX_VALUE);
    harness.scheduler.bounded(shared);
    othersHold(harness, shared, cpu(3));
    assertThat(shared.free(Kind.CPU)).isEqualTo(20_000);
    Node idle = harness.join("idle", cpu(8));

    ScheduledJob job = harness.submit(cpu(2));
    harness.assertRuns(job, idle).assertNothingElse();
  }

  @Test
  void explain_ofAJobThatOthersKeepWaiting_saysWhatTheyHold() {
    Node node = harness.join("w1", cpu(2).and(memory(1 << 30)));
    othersHold(harness, node, cpu(1));
    ScheduledJob job = harness.submit(cpu(2));

    assertThat(explain(job))
        .isEqualTo(
            "is queued on w1 and waits there for 2 cores: w1 has 1 of 2 free (another "
                + "program holds 1 of 2)");
  }

  @Test
  void explain_ofAJobBehindOneOfOthersThatMustBeAlone_saysSo() {
    Node node = harness.join("w1", cpu(2));
    report(
        harness,
        node,
        new Holdings(1, true, Demand.of(cpu(1)).parts(), List.of(), List.of(), List.of()));
    ScheduledJob job = harness.submit(cpu(2));

    assertThat(explain(job)).endsWith("w1 has a job of another program that must be alone");
  }
}
