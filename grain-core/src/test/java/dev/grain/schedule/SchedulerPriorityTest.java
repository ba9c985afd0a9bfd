package dev.grain.schedule;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.gpu;
import static dev.grain.schedule.SchedulerHarness.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Cause;
import dev.grain.explain.Sentences;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which job comes next if jobs have priorities, by age or strictly. */
final class SchedulerPriorityTest {
  private static final long HOUR = 3600 * SECOND;
  private static final long MINUTE = 60 * SECOND;

  @Test
  void fifo_jobsOfHigherPriority_goFirst() {
    var core = SchedulerHarness.relaxed();
    ScheduledJob usual = core.enqueue(cpu(1), 100);
    ScheduledJob lowest = core.enqueue(cpu(1), Double.MIN_VALUE);
    ScheduledJob low = core.enqueue(cpu(1), 1);
    ScheduledJob high = core.enqueue(cpu(1), 300);
    ScheduledJob usualToo = core.enqueue(cpu(1), 100);
    ScheduledJob highest = core.enqueue(cpu(1), Double.MAX_VALUE);
    ScheduledJob highToo = core.enqueue(cpu(1), 300);

    assertThat(startsOneByOne(core, 7))
        .containsExactly(highest, high, highToo, usual, usualToo, low, lowest);
  }

  @Test
  void fifo_jobsWithSeveralRequests_goByPriorityAcrossThem() {
    var core = SchedulerHarness.relaxed();
    ScheduledJob one = core.enqueue(cpu(1), 100);
    ScheduledJob two = core.enqueue(cpu(2), 200);
    ScheduledJob half = core.enqueue(cpu(0.5), 400);
    Node node = core.joinForLongJobs("a", cpu(2));

    core.assertRuns(half, node).assertRuns(one, node).assertNothingElse();
    end(core, node, half);
    core.assertNothingElse();
    end(core, node, one);
    core.assertRuns(two, node).assertNothingElse();
  }

  @Test
  void fifo_jobThatWaitsLongerThanOthersLead_goesFirst() {
    var core = SchedulerHarness.relaxed();
    ScheduledJob usual = core.enqueue(cpu(1), 100);
    core.sleep(HOUR - MINUTE);
    ScheduledJob before = core.enqueue(cpu(1), 200);
    core.sleep(2 * MINUTE);
    ScheduledJob after = core.enqueue(cpu(1), 200);
    ScheduledJob twice = core.enqueue(cpu(1), 400);

    assertThat(startsOneByOne(core, 4)).containsExactly(twice, before, usual, after);
  }

  @Test
  void fifo_steadyStreamOfHighPriority_doesNotStarveALowOne() {
    var core = SchedulerHarness.relaxed();
    Node node = core.joinForLongJobs("a", cpu(1));
    ScheduledJob running = core.submit(cpu(1));
    core.assertRuns(running, node);
    core.started(node, running);
    ScheduledJob low = core.enqueue(cpu(1), 50);
    int passed = 0;
    ScheduledJob high = core.enqueue(cpu(1), 100);
    while (low.phase() == ScheduledJob.Phase.QUEUED) {
      core.sleep(MINUTE);
      ScheduledJob next = core.enqueue(cpu(1), 100);
      end(core, node, running);
      running = high;
      high = next;
      passed++;
      assertThat(passed).isLessThan(70);
      if (low.phase() == ScheduledJob.Phase.QUEUED) {
        core.started(node, running);
      }
    }
    assertThat(passed).isBetween(55, 65);
  }

  @Test
  void fifo_jobsThatPassByTheirPriority_areNoReasonToReserveANode() {
    var core = SchedulerHarness.overtaking(2);
    Node node = core.joinForLongJobs("a", cpu(2));
    ScheduledJob running = core.submit(cpu(1));
    core.assertRuns(running, node);
    ScheduledJob big = core.enqueue(cpu(2), 100);
    for (int count = 0; count < 10; count++) {
      ScheduledJob high = core.enqueue(cpu(1), 200);
      core.place();
      core.assertRuns(high, node);
      end(core, node, high);
    }
    assertThat(big.overtaken).isZero();
    assertThat(core.scheduler.nodes.reservedJob).isNull();
  }

  @Test
  void fifo_jobsThatPassOneOfHigherPriority_areCounted() {
    var core = SchedulerHarness.overtaking(2);
    Node node = core.joinForLongJobs("a", cpu(2));
    ScheduledJob running = core.submit(cpu(1));
    core.assertRuns(running, node);
    ScheduledJob older = core.enqueue(cpu(1), 100);
    ScheduledJob big = core.enqueue(cpu(2), 300);
    core.place();
    core.assertRuns(older, node);
    end(core, node, older);
    ScheduledJob small = core.submit(cpu(1));
    core.assertRuns(small, node);
    end(core, node, small);
    core.submit(cpu(1));

    core.assertNothingElse();
    end(core, node, running);
    core.assertRuns(big, node).assertNothingElse();
  }

  @Test
  void fifo_jobsOfALostNode_goBeforeAllInTheOrderOfPriority() {
    var core = SchedulerHarness.relaxed();
    Node node = core.joinForLongJobs("a", cpu(2));
    ScheduledJob usual = core.enqueue(cpu(1), 100);
    ScheduledJob high = core.enqueue(cpu(1), 300);
    core.place();
    core.assertRuns(high, node).assertRuns(usual, node);
    core.started(node, high);
    core.started(node, usual);
    ScheduledJob highest = core.enqueue(cpu(1), 1e300);
    core.lost(node, false);

    assertThat(startsOneByOne(core, 3)).containsExactly(high, usual, highest);
  }

  @Test
  void fifo_jobsThatWereSentAhead_areTakenBackInTheOrderOfPriority() {
    var core = SchedulerHarness.relaxed();
    Node node = core.join("a", cpu(1));
    ScheduledJob running = core.submit(cpu(1));
    core.started(node, running);
    ScheduledJob usual = core.submit(cpu(1));
    core.assertRuns(running, node).assertRuns(usual, node).assertNothingElse();
    ScheduledJob high = core.enqueue(cpu(1), 300);
    core.place();
    core.assertNothingElse();

    Node other = core.join("b", cpu(1));
    core.assertRuns(high, other);
  }

  @Test
  void strict_lowerPriorityNeverGoesFirst() {
    var core = SchedulerHarness.strict();
    ScheduledJob usual = core.enqueue(cpu(1), 100);
    core.sleep(1000 * HOUR);
    ScheduledJob little = core.enqueue(cpu(1), 100.001);
    ScheduledJob high = core.enqueue(gpu(1), 1e9);
    ScheduledJob least = core.enqueue(cpu(1), Double.MIN_VALUE);
    ScheduledJob most = core.enqueue(cpu(1), Double.MAX_VALUE);
    Node node = core.joinForLongJobs("a", cpu(1));
    core.assertRuns(most, node);
    end(core, node, most);

    // a job that fits nowhere holds up all of lower priority
    core.assertNothingElse();
    core.cancel(high);
    core.assertFinishes(high, Cause.CANCELLED, "it was cancelled").assertRuns(little, node);
    end(core, node, little);
    core.assertRuns(usual, node);
    end(core, node, usual);
    core.assertRuns(least, node).assertNothingElse();
  }

  @Test
  void strict_wholeNumbers_areToldApart() {
    var core = SchedulerHarness.strict();
    List<ScheduledJob> jobs = new ArrayList<>();
    for (int priority = 16_000_000; priority < 16_000_020; priority++) {
      jobs.add(core.enqueue(cpu(1), priority));
    }
    assertThat(startsOneByOne(core, 20)).isEqualTo(jobs.reversed());
  }

  @Test
  void explain_fifo_countsThoseOfHigherPriority() {
    var core = SchedulerHarness.relaxed();
    Node node = core.joinForLongJobs("a", cpu(1));
    core.started(node, core.submit(cpu(1)));
    core.enqueue(cpu(1), 200);
    core.enqueue(cpu(1), 100);
    ScheduledJob job = core.enqueue(cpu(1), 100);
    core.enqueue(cpu(1), 400);
    core.enqueue(cpu(1), 50);
    core.place();
    assertThat(explain(core, job))
        .isEqualTo(
            "waits for 1 core, behind 2 jobs with a higher priority and 1 older job with the same"
                + " request: a has 0 of 1 free");
  }

  @Test
  void explain_strict_countsThoseOfHigherPriority() {
    var core = SchedulerHarness.strict();
    Node node = core.joinForLongJobs("a", cpu(1));
    core.started(node, core.submit(cpu(1)));
    core.enqueue(cpu(1), 100);
    ScheduledJob job = core.enqueue(cpu(1), 100);
    core.enqueue(cpu(2), 101);
    core.place();
    assertThat(explain(core, job))
        .isEqualTo(
            "waits for 1 job with a higher priority and 1 older job, as the queue order is strict");
  }

  private static String explain(SchedulerHarness core, ScheduledJob job) {
    return Sentences.of(core.scheduler.explain(job));
  }

  static void end(SchedulerHarness core, Node node, ScheduledJob job) {
    core.ended(node, job, 10 * SECOND);
  }

  /** Has one job after the other run on a node, and returns them. */
  static List<ScheduledJob> startsOneByOne(SchedulerHarness core, int count) {
    core.forgetCommands();
    Node node = core.joinForLongJobs("one by one", cpu(1));
    List<ScheduledJob> started = new ArrayList<>();
    while (started.size() < count) {
      List<ScheduledJob> waiting = node.waiting.toList();
      assertThat(waiting).hasSize(1);
      ScheduledJob job = waiting.getFirst();
      started.add(job);
      core.started(node, job);
      end(core, node, job);
    }
    core.forgetCommands();
    return started;
  }
}
