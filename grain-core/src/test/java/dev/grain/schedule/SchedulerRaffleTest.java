package dev.grain.schedule;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.gpu;
import static dev.grain.resource.Resources.memory;
import static dev.grain.schedule.SchedulerHarness.SECOND;
import static dev.grain.schedule.SchedulerHarness.offer;
import static dev.grain.schedule.SchedulerPriorityTest.end;
import static dev.grain.schedule.SchedulerPriorityTest.startsOneByOne;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.grain.Cause;
import dev.grain.Resource;
import dev.grain.explain.Sentences;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Which job comes next in a raffle. */
final class SchedulerRaffleTest {
  private static final int STARTS = 20_000;
  private static final long RAN = 10 * SECOND;
  private static final Offset<Double> CLOSE = within(0.015);

  /** A raffle on a node of one core, where lines always have jobs. */
  private static final class Draws {
    final SchedulerHarness core = SchedulerHarness.raffle(42, Integer.MAX_VALUE);
    final Map<ScheduledJob, String> lines = new HashMap<>();
    final Map<String, Integer> starts = new HashMap<>();

    void add(String line, double priority, Resource request, int count) {
      for (int left = count; left > 0; left--) {
        lines.put(core.enqueue(request, priority, line, Retries.NONE), line);
      }
    }

    /** Has jobs start one after the other, and counts them by their lines. */
    void run(Resource offer, int count) {
      Node node = core.scheduler.nodeJoined("node", offer(offer), Long.MAX_VALUE);
      node.observe(RAN);
      core.scheduler.nodes.updateRoom(node);
      core.scheduler.place(0, Integer.MAX_VALUE);
      goOn(count);
      core.scheduler.checkInvariants();
    }

    void goOn(int count) {
      Node node = core.scheduler.nodes().getFirst();
      for (int left = count; left > 0; left--) {
        ScheduledJob job = node.waiting.first();
        assertThat(job).isNotNull();
        starts.merge(lines.get(job), 1, Integer::sum);
        // past the harness, which would look at all jobs each time
        core.scheduler.ended(node, job.number(), job.attempt(), null, RAN);
        core.scheduler.place(0, Integer.MAX_VALUE);
        core.forgetCommands();
      }
    }

    double share(String line) {
      int all = starts.values().stream().mapToInt(Integer::intValue).sum();
      return starts.getOrDefault(line, 0) / (double) all;
    }
  }

  @Test
  void lines_startInProportionToTheirTickets() {
    Draws draws = new Draws();
    draws.add("a", 100, cpu(1), STARTS);
    draws.add("b", 100, cpu(1), STARTS);
    draws.add("c", 100, cpu(1), STARTS);
    draws.add("d", 300, cpu(1), STARTS);
    draws.run(cpu(1), STARTS);

    assertThat(draws.share("d")).isCloseTo(1 / 2.0, CLOSE);
    assertThat(draws.share("a")).isCloseTo(1 / 6.0, CLOSE);
    assertThat(draws.share("b")).isCloseTo(1 / 6.0, CLOSE);
    assertThat(draws.share("c")).isCloseTo(1 / 6.0, CLOSE);
  }

  @Test
  void lineWithSeveralRequests_holdsItsTicketsOnce() {
    Draws draws = new Draws();
    for (int kinds = 1; kinds <= 5; kinds++) {
      draws.add("many", 100, cpu(1).and(memory(kinds + "GiB")), STARTS / 5);
    }
    draws.add("one", 100, cpu(1), STARTS);
    draws.run(cpu(1).and(memory("16GiB")), STARTS);

    assertThat(draws.share("many")).isCloseTo(0.5, CLOSE);
  }

  @Test
  void lineWhoseOtherJobsDoNotFit_keepsItsShare() {
    Draws draws = new Draws();
    draws.add("blocked in part", 100, cpu(1).and(gpu(1)), 100);
    draws.add("blocked in part", 100, cpu(1), STARTS);
    draws.add("free", 100, cpu(1), STARTS);
    draws.run(cpu(1), STARTS);

    assertThat(draws.share("free")).isCloseTo(0.5, CLOSE);
  }

  @Test
  void linesThatDoNotFit_holdNoTickets() {
    Draws draws = new Draws();
    draws.add("blocked", 10_000, cpu(1).and(gpu(1)), 100);
    draws.add("a", 100, cpu(1), STARTS);
    draws.add("b", 300, cpu(1), STARTS);
    draws.run(cpu(1), STARTS);

    assertThat(draws.share("blocked")).isZero();
    assertThat(draws.share("b")).isCloseTo(0.75, CLOSE);
  }

  @Test
  void lineThatComesLater_startsNowAndDoesNotCatchUp() {
    SchedulerHarness core = SchedulerHarness.raffle(7, 1_000_000);
    for (int count = 0; count < 2_000; count++) {
      core.enqueue(cpu(1), 100, "old", Retries.NONE);
    }
    startsOneByOne(core, 1_000);
    List<ScheduledJob> late = new ArrayList<>();
    for (int count = 0; count < 200; count++) {
      late.add(core.enqueue(cpu(1), 100, "new", Retries.NONE));
    }
    List<ScheduledJob> started = new ArrayList<>(jobsStarted(core, 200));
    started.retainAll(late);
    assertThat(started).hasSizeBetween(70, 130);
  }

  private static List<ScheduledJob> jobsStarted(SchedulerHarness core, int count) {
    Node node = core.scheduler.nodes().getFirst();
    List<ScheduledJob> started = new ArrayList<>();
    for (int left = count; left > 0; left--) {
      ScheduledJob job = node.waiting.toList().getFirst();
      started.add(job);
      core.started(node, job);
      end(core, node, job);
    }
    return started;
  }

  @Test
  void jobsOfALine_startInTheOrderOfSubmission() {
    SchedulerHarness core = SchedulerHarness.raffle(1, 16);
    List<ScheduledJob> jobs = new ArrayList<>();
    for (int count = 0; count < 20; count++) {
      jobs.add(core.enqueue(cpu(1), 1 + count, "line", Retries.NONE));
      core.enqueue(cpu(1), 100, "other", Retries.NONE);
    }
    List<ScheduledJob> started = startsOneByOne(core, 40);
    started.retainAll(jobs);
    assertThat(started).isEqualTo(jobs);
  }

  @Test
  void sameSeed_drawsTheSame_andAnotherDrawsOtherwise() {
    assertThat(numbersDrawn(5)).isEqualTo(numbersDrawn(5)).isNotEqualTo(numbersDrawn(6));
  }

  private static List<Long> numbersDrawn(long seed) {
    SchedulerHarness core = SchedulerHarness.raffle(seed, 16);
    for (int count = 0; count < 30; count++) {
      core.enqueue(cpu(1), 100 + count);
    }
    return startsOneByOne(core, 30).stream().map(ScheduledJob::number).toList();
  }

  @Test
  void jobThatDoesNotFit_isPassedNoMoreThanTheBoundAllows() {
    SchedulerHarness core = SchedulerHarness.raffle(3, 4);
    Node node = core.joinForLongJobs("a", cpu(2));
    ScheduledJob running = core.enqueue(cpu(1), 100, "small", Retries.NONE);
    core.place();
    ScheduledJob big = core.enqueue(cpu(2), 10, "big", Retries.NONE);
    // one of the cores is always taken, until both are kept for the job that needs them
    ScheduledJob next = core.enqueue(cpu(1), 100, "small", Retries.NONE);
    core.place();
    for (int passed = 0; next.node() == node; passed++) {
      assertThat(passed).isLessThan(1_000);
      end(core, node, running);
      running = next;
      next = core.enqueue(cpu(1), 100, "small", Retries.NONE);
      core.place();
    }
    assertThat(big.overtaken).isEqualTo(4);

    end(core, node, running);
    assertThat(big.node()).isEqualTo(node);
    assertThat(next.node()).isNull();
  }

  @Test
  void cancelledJobs_leaveTheirLotToTheNextOfTheirLine() {
    SchedulerHarness core = SchedulerHarness.raffle(3, 16);
    List<ScheduledJob> jobs = new ArrayList<>();
    for (int count = 0; count < 50; count++) {
      jobs.add(core.enqueue(cpu(1), 100, "line", Retries.NONE));
    }
    long rank = jobs.getFirst().rank;
    for (ScheduledJob job : jobs.subList(0, 49)) {
      core.cancel(job);
      core.assertFinishes(job, Cause.CANCELLED, "it was cancelled");
    }
    assertThat(jobs.getLast().rank).isEqualTo(rank);
  }

  @Test
  void jobThatFailed_isDrawnAgainBeforeTheOthersOfItsLine() {
    SchedulerHarness core = SchedulerHarness.raffle(3, 16);
    Node node = core.joinForLongJobs("a", cpu(1));
    ScheduledJob failing = core.enqueue(cpu(1), 100, "line", new Retries(1, 0, 1, 0, false));
    core.place();
    core.assertRuns(failing, node);
    core.started(node, failing);
    ScheduledJob first = core.enqueue(cpu(1), 100, "line", Retries.NONE);
    ScheduledJob second = core.enqueue(cpu(1), 100, "line", Retries.NONE);
    core.failed(node, failing, Cause.FAILED);
    // the first of the others was drawn before
    core.assertRuns(first, node);
    end(core, node, first);
    core.assertRuns(failing, node);
    end(core, node, failing);
    core.assertRuns(second, node).assertNothingElse();
  }

  @Test
  void linesThatAreOver_areForgotten() {
    SchedulerHarness core = SchedulerHarness.raffle(3, 16);
    Node node = core.joinForLongJobs("a", cpu(1));
    for (int count = 0; count < 100; count++) {
      ScheduledJob job = core.enqueue(cpu(1), 100);
      core.place();
      core.assertRuns(job, node);
      end(core, node, job);
    }
    assertThat(core.scheduler.classes.all()).isEmpty();
  }

  @Test
  void decisions_amongManyLines_takeFewMoreSteps() {
    assertThat(stepsOfADecision(16_384)).isLessThan(3 * stepsOfADecision(128));
  }

  private static double stepsOfADecision(int lines) {
    int starts = 100;
    Draws draws = new Draws();
    for (int line = 0; line < lines; line++) {
      draws.add("line " + line, 100, cpu(1), 2);
    }
    draws.run(cpu(1), starts);
    long before = draws.core.scheduler.steps();
    draws.goOn(starts);
    return (draws.core.scheduler.steps() - before) / (double) starts;
  }

  @Test
  void explain_saysHowManyTicketsItsLineHolds() {
    SchedulerHarness core = SchedulerHarness.raffle(3, 16);
    Node node = core.joinForLongJobs("a", cpu(1));
    core.started(node, core.submit(cpu(1)));
    core.enqueue(cpu(1), 100, "line", Retries.NONE);
    ScheduledJob job = core.enqueue(cpu(1), 100, "line", Retries.NONE);
    core.enqueue(cpu(1), 300, "other", Retries.NONE);
    core.enqueue(cpu(1), 100);
    core.enqueue(cpu(1), 100);
    core.enqueue(cpu(9), 100);
    core.place();
    assertThat(Sentences.of(core.scheduler.explain(job)))
        .isEqualTo(
            "waits for 1 core, behind 1 older job of its line with the same request, in a raffle in"
                + " which its line holds 100 of 600 tickets: a has 0 of 1 free");
  }
}
