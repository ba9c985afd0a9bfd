package dev.grain.schedule;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Cause;
import dev.grain.explain.Sentences;
import dev.grain.resource.internal.Demand;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Jobs that are held, and jobs that get another priority. */
final class SchedulerHoldTest {
  private SchedulerHarness harness = SchedulerHarness.relaxed();

  /** A job whose priority can change. */
  private static final class Changing extends ScheduledJob {
    private double priority;

    Changing(long number, double priority) {
      super(number);
      this.priority = priority;
    }

    @Override
    protected double priority() {
      return priority;
    }

    @Override
    protected void setPriority(double other) {
      priority = other;
    }
  }

  private ScheduledJob changing(long number, double priority) {
    ScheduledJob job = new Changing(number, priority);
    harness.scheduler.submit(job, Demand.of(cpu(1)));
    harness.place();
    return job;
  }

  private void hold(ScheduledJob job) {
    harness.scheduler.hold(job);
    harness.place();
  }

  private void unhold(ScheduledJob job) {
    harness.scheduler.unhold(job);
    harness.place();
  }

  @AfterEach
  void nothingElse() {
    harness.assertNothingElse();
  }

  @Test
  void hold_aQueuedJob_keepsItFromNodes_untilItIsResumed() {
    ScheduledJob job = harness.submit(cpu(1));
    hold(job);
    Node node = harness.join("w1", cpu(1));
    assertThat(Sentences.of(harness.scheduler.explain(job)))
        .isEqualTo("is held; resume it to have it started");
    harness.assertNothingElse();

    unhold(job);
    harness.assertRuns(job, node);
  }

  @Test
  void hold_aJobThatWasSent_takesItBack() {
    Node node = harness.join("w1", cpu(1));
    ScheduledJob job = harness.submit(cpu(1));
    harness.assertRuns(job, node);
    hold(job);
    harness.assertTakesBack(job, node);
    ScheduledJob other = harness.submit(cpu(1));
    harness.assertRuns(other, node);

    harness.returned(node, job);
    assertThat(harness.scheduler.isHeld(job)).isTrue();
    harness.started(node, other);
    harness.ended(node, other);
    unhold(job);
    harness.assertRuns(job, node);
  }

  @Test
  void hold_aJobThatHasStarted_letsItRun_andHoldsItsNextAttempt() {
    Node node = harness.join("w1", cpu(1));
    ScheduledJob job = harness.submit(cpu(1), 1);
    harness.assertRuns(job, node);
    hold(job);
    harness.assertTakesBack(job, node);
    // it had started before
    harness.started(node, job);
    assertThat(job.phase()).isEqualTo(ScheduledJob.Phase.RUNNING);

    assertThat(harness.failed(node, job, Cause.FAILED)).isEqualTo(Scheduler.Verdict.RETRIED);
    assertThat(harness.scheduler.isHeld(job)).isTrue();
    unhold(job);
    harness.assertRuns(job, node);
    assertThat(job.attempt()).isEqualTo(2);
  }

  @Test
  void hold_andUnholdBeforeTheNodeAnswers_queuesItAgain() {
    Node node = harness.join("w1", cpu(1));
    ScheduledJob job = harness.submit(cpu(1));
    harness.assertRuns(job, node);
    hold(job);
    harness.assertTakesBack(job, node);
    unhold(job);
    harness.returned(node, job);
    harness.assertRuns(job, node);
  }

  @Test
  void cancel_aHeldJob_endsIt() {
    ScheduledJob job = harness.submit(cpu(1));
    hold(job);
    harness.cancel(job);
    assertThat(job.phase()).isEqualTo(ScheduledJob.Phase.ENDED);
    harness.forgetCommands();
    hold(job);
    unhold(job);
  }

  @Test
  void reprioritize_aQueuedJob_movesItBeforeOlderOnes() {
    changing(101, 100);
    ScheduledJob second = changing(102, 100);
    harness.scheduler.reprioritize(second, 1000);
    Node node = harness.join("w1", cpu(1));
    harness.assertRuns(second, node);
    harness.forgetCommands();
  }

  @Test
  void reprioritize_thereAndBack_keepsTheAge() {
    for (SchedulerHarness each :
        new SchedulerHarness[] {SchedulerHarness.relaxed(), SchedulerHarness.strict()}) {
      harness = each;
      ScheduledJob first = changing(101, 100);
      changing(102, 100);
      harness.scheduler.reprioritize(first, 3);
      harness.place();
      harness.scheduler.reprioritize(first, 100);
      harness.place();
      Node node = harness.join("w1", cpu(1));
      harness.assertRuns(first, node);
      harness.forgetCommands();
    }
  }

  @Test
  void reprioritize_inARaffle_changesTheTickets() {
    int wins = 0;
    for (int seed = 0; seed < 100; seed++) {
      harness = SchedulerHarness.raffle(seed, 16);
      changing(101, 100);
      ScheduledJob second = changing(102, 100);
      harness.scheduler.reprioritize(second, 1e6);
      harness.place();
      Node node = harness.joinForLongJobs("w1", cpu(1));
      wins += second.node() == node ? 1 : 0;
      harness.forgetCommands();
    }
    assertThat(wins).isGreaterThan(95);
  }

  @Test
  void reprioritize_aJobAtANode_countsForItsNextAttempt() {
    Node node = harness.join("w1", cpu(1));
    ScheduledJob job = changing(101, 100);
    harness.assertRuns(job, node);
    harness.started(node, job);
    harness.scheduler.reprioritize(job, 7);
    harness.place();
    harness.lost(node, true);
    Node second = harness.join("w2", cpu(1));
    harness.assertRuns(job, second);
    assertThat(job.priority()).isEqualTo(7);
  }
}
