package dev.grain.schedule;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Lease;
import org.junit.jupiter.api.Test;

/** The slots of a job that has ended, where one waits that asks for the same. */
final class SchedulerHandOverTest {
  private final SchedulerHarness core = SchedulerHarness.relaxed();

  @Test
  void ended_whileOneWaitsThatAsksForTheSame_givesItTheSameSlots() {
    Node node = core.join("a", cpu(2));
    ScheduledJob[] running = run(node, 4);
    ScheduledJob next = core.submit(cpu(0.5));
    ScheduledJob later = core.submit(cpu(0.5));
    Lease slots = running[2].lease;

    assertThat(core.ended(node, running[2])).isEqualTo(Scheduler.Verdict.FINAL);
    assertThat(next.lease).isSameAs(slots).isNotNull();
    assertThat(next.ahead).isFalse();
    assertThat(running[2].lease).isNull();
    assertThat(later.lease).isNull();
    core.started(node, next);
    assertThat(next.lease).as("what the node reports").isSameAs(slots);
    core.ended(node, next);
    assertThat(later.lease).isSameAs(slots);
  }

  @Test
  void ended_whoseStartWasNotReported_hasNoUnstartedLeaseAnyMore() {
    Node node = core.join("a", cpu(1));
    ScheduledJob first = core.submit(cpu(0.5));
    ScheduledJob second = core.submit(cpu(0.5));
    ScheduledJob next = core.submit(cpu(0.5));
    Lease slots = first.lease;

    core.ended(node, first);
    assertThat(next.lease).isSameAs(slots).isNotNull();
    assertThat(node.unstarted.waiting.toList()).containsExactly(second, next);
    assertThat(node.unstarted.lastOnCore(0)).isSameAs(next);
    core.ended(node, next);
    core.ended(node, second);
    assertThat(node.slots.idle()).isTrue();
    assertThat(node.unstarted.lastOnCore(0)).isNull();
  }

  @Test
  void ended_whileOthersHaveSlotsBefore_givesItsOwnToTheFirstThatHasNone() {
    Node node = core.join("a", cpu(2));
    ScheduledJob[] running = run(node, 2);
    ScheduledJob promised = core.submit(cpu(0.5));
    ScheduledJob alsoPromised = core.submit(cpu(0.5));
    ScheduledJob next = core.submit(cpu(0.5));
    Lease slots = running[0].lease;
    Lease kept = promised.lease;

    core.ended(node, running[0]);
    assertThat(next.lease).isSameAs(slots).isNotNull();
    assertThat(promised.lease).isSameAs(kept).isNotNull();
    assertThat(alsoPromised.lease).isNotNull();
  }

  @Test
  void ended_whileTheOldestThatWaitsAsksForOther_freesItsSlots() {
    Node node = core.join("a", cpu(2));
    ScheduledJob[] running = run(node, 4);
    ScheduledJob large = core.submit(cpu(2));
    ScheduledJob small = core.submit(cpu(0.5));
    Lease slots = running[3].lease;

    core.ended(node, running[3]);
    assertThat(large.lease).isNull();
    assertThat(small.lease).as("it fits, and may pass").isNotNull().isNotSameAs(slots);
  }

  @Test
  void ended_whileTheOldestThatWaitsMayNotBePassed_keepsItsSlotsFree() {
    Node node = core.join("a", cpu(2));
    ScheduledJob[] running = run(node, 4);
    ScheduledJob large = core.submit(cpu(2));
    ScheduledJob small = core.submit(cpu(0.5));
    large.overtaken = 16;

    core.ended(node, running[3]);
    assertThat(small.lease).isNull();
    for (int i = 0; i < 3; i++) {
      core.ended(node, running[i]);
    }
    assertThat(large.lease).isNotNull();
    assertThat(small.lease).isNull();
  }

  @Test
  void ended_whileItIsTakenBack_freesWhatWasKeptElsewhere() {
    Node full = core.join("full", cpu(1));
    ScheduledJob first = core.submit(cpu(1));
    core.started(full, first);
    core.ended(full, first, 1_000_000);
    ScheduledJob running = core.submit(cpu(1));
    ScheduledJob next = core.submit(cpu(1));
    ScheduledJob takenBack = core.submit(cpu(1));
    core.started(full, running);
    core.forgetCommands();
    Node free = core.join("free", cpu(1));
    core.assertTakesBack(takenBack, full);

    assertThat(core.ended(full, takenBack)).isEqualTo(Scheduler.Verdict.FINAL);
    assertThat(takenBack.lease).isNull();
    assertThat(next.destination).as("taken back for what has become free").isSameAs(free);
    core.assertTakesBack(next, full).assertNothingElse();
  }

  @Test
  void ended_onANodeThatGoesAway_handsNothingOver() {
    Node node = core.join("a", cpu(1));
    ScheduledJob first = core.submit(cpu(1));
    ScheduledJob next = core.submit(cpu(1));
    core.started(node, first);
    core.draining(node);

    core.ended(node, first);
    assertThat(next.lease).isNull();
    assertThat(node.slots.idle()).isTrue();
    core.returned(node, next);
    assertThat(next.phase()).isEqualTo(ScheduledJob.Phase.QUEUED);
  }

  /** Has as many jobs of half a core running, two to a core. */
  private ScheduledJob[] run(Node node, int count) {
    ScheduledJob[] jobs = new ScheduledJob[count];
    for (int i = 0; i < count; i++) {
      jobs[i] = core.submit(cpu(0.5));
      assertThat(core.started(node, jobs[i], new Fractions(i / 2, Fractions.UNNAMED))).isTrue();
    }
    return jobs;
  }
}
