package dev.grain.schedule;

import static dev.grain.resource.Resources.capacity;
import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.custom;
import static dev.grain.resource.Resources.gpu;
import static dev.grain.resource.Resources.memory;
import static dev.grain.resource.Resources.none;
import static dev.grain.resource.Resources.token;
import static dev.grain.resource.Resources.wallTime;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.Cause;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Offer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which node a job goes to. */
final class SchedulerResourceTest {
  private final SchedulerHarness core = SchedulerHarness.relaxed();

  @Test
  void submit_severalNodesFit_takesTheOneWithTheLeastLeft() {
    core.joinForLongJobs("large", cpu(8));
    Node small = core.joinForLongJobs("small", cpu(2));
    core.joinForLongJobs("middle", cpu(4));
    core.assertRuns(core.submit(cpu(2)), small).assertNothingElse();
  }

  @Test
  void submit_plainJobs_keepScarceResourcesFree() {
    Node withGpu = core.joinForLongJobs("gpu", cpu(2).and(gpu(1)));
    Node withSensor = core.joinForLongJobs("sensor", cpu(2).and(custom("SENSOR", 1)));
    Node plain = core.joinForLongJobs("plain", cpu(4));
    for (int i = 0; i < 4; i++) {
      core.assertRuns(core.submit(cpu(1)), plain);
    }
    core.assertRuns(core.submit(cpu(1).and(gpu(1))), withGpu);
    core.assertRuns(core.submit(cpu(1).and(custom("SENSOR", 1))), withSensor);
    core.assertRuns(core.submit(cpu(1)), withGpu).assertNothingElse();
  }

  @Test
  void ended_onANodeWithScarceResources_leavesNewJobsToPlainNodes() {
    Node withGpu = core.joinForLongJobs("gpu", cpu(1).and(gpu(1)));
    ScheduledJob first = core.submit(cpu(1));
    core.assertRuns(first, withGpu);
    Node plain = core.joinForLongJobs("plain", cpu(1));
    // both come in one pass
    core.scheduler.ended(withGpu, first.number(), 1, null, 1);
    ScheduledJob next = core.enqueue(cpu(1));
    core.place();
    core.assertRuns(next, plain).assertNothingElse();
  }

  @Test
  void submit_customKindNobodyHas_waitsForANodeThatHasIt() {
    core.join("plain", cpu(4));
    ScheduledJob job = core.submit(cpu(1).and(custom("SENSOR", 1.5)));
    core.assertNothingElse();
    core.join("weak", cpu(4).and(custom("SENSOR", 1)));
    core.assertNothingElse();
    Node strong = core.join("strong", cpu(4).and(custom("SENSOR", 2)));
    core.assertRuns(job, strong).assertNothingElse();
  }

  @Test
  void submit_jobsWithAToken_runTogetherWhereTheTokenIs() {
    core.joinForLongJobs("plain", cpu(4));
    Node licensed = core.joinForLongJobs("licensed", cpu(2).and(token("licence")));
    core.assertRuns(core.submit(cpu(1).and(token("licence"))), licensed);
    core.assertRuns(core.submit(cpu(1).and(token("licence"))), licensed);
    core.submit(cpu(1).and(token("licence")));
    core.assertNothingElse();
  }

  @Test
  void submit_jobsWithCapacity_areCounted() {
    Node node = core.joinForLongJobs("a", cpu(8).and(capacity(2)));
    core.assertRuns(core.submit(cpu(1).and(capacity(1))), node);
    core.assertRuns(core.submit(cpu(1).and(capacity(1))), node);
    core.submit(cpu(1).and(capacity(1)));
    core.assertNothingElse();
  }

  @Test
  void submit_fractions_comeFromOneIdEach() {
    Node node = core.joinForLongJobs("a", cpu(2).and(gpu(1)));
    core.assertRuns(core.submit(cpu(0.6)), node);
    core.assertRuns(core.submit(cpu(0.6)), node);
    core.submit(cpu(0.6));
    core.assertNothingElse();
    core.assertRuns(core.submit(cpu(0.4).and(gpu(0.5))), node);
    core.assertRuns(core.submit(cpu(0.4).and(gpu(0.5))), node).assertNothingElse();
    assertThat(node.slots.free(dev.grain.resource.internal.Kind.CPU)).isZero();
  }

  @Test
  void submit_none_runsOnlyWhereHeadPlacesAre() {
    core.join("worker", cpu(8));
    ScheduledJob job = core.submit(none());
    core.assertNothingElse();
    Node head = core.joinForLongJobs("head", SchedulerHarness.offer(cpu(1)).withHeadPlaces(1));
    core.assertRuns(job, head);
    core.submit(none());
    core.assertNothingElse();
  }

  @Test
  void submit_withWallTime_startsOnlyWhereEnoughTimeIsLeft() {
    long second = SchedulerHarness.SECOND;
    core.scheduler.nodeJoined("short", SchedulerHarness.offer(cpu(1)), 100 * second);
    Node longer =
        core.scheduler.nodeJoined("longer", SchedulerHarness.offer(cpu(1)), 1_000 * second);
    core.sleep(60 * second);
    core.place();
    ScheduledJob job = core.submit(cpu(1).and(wallTime(Duration.ofSeconds(60))));
    core.assertRuns(job, longer).assertNothingElse();
    core.submit(cpu(1).and(wallTime(Duration.ofSeconds(41), Duration.ofHours(1))));
    core.ended(longer, job, 200 * second);
    core.forgetCommands();

    core.sleep(920 * second);
    core.submit(memory(1).and(wallTime(Duration.ofSeconds(30))));
    core.assertNothingElse();
  }

  @Test
  void submit_withATimeLimitAlone_startsOnlyWhereSoMuchTimeIsLeft() {
    long second = SchedulerHarness.SECOND;
    core.scheduler.nodeJoined("short", SchedulerHarness.offer(cpu(1)), 100 * second);
    core.place();
    ScheduledJob job = core.job(0);
    core.scheduler.submit(job, Demand.of(cpu(1)), 101 * second);
    core.place();
    core.assertNothingElse();
    Node longer = core.scheduler.nodeJoined("longer", SchedulerHarness.offer(cpu(1)), 101 * second);
    core.place();
    core.assertRuns(job, longer).assertNothingElse();
  }

  @Test
  void reservation_onANodeWhoseTimeRunsOut_isGivenUp() {
    long second = SchedulerHarness.SECOND;
    SchedulerHarness impatient = SchedulerHarness.overtaking(1);
    Node node = impatient.scheduler.nodeJoined("a", SchedulerHarness.offer(cpu(2)), 100 * second);
    node.observe(10 * second);
    ScheduledJob running = impatient.submit(cpu(1));
    ScheduledJob large = impatient.submit(cpu(2).and(wallTime(Duration.ofSeconds(60))));
    ScheduledJob passing = impatient.submit(cpu(1));
    impatient.assertRuns(running, node).assertRuns(passing, node).assertNothingElse();
    assertThat(impatient.scheduler.nodes.reservedJob).isSameAs(large);
    impatient.ended(node, passing, 10 * second);
    ScheduledJob kept = impatient.submit(cpu(1));
    impatient.assertNothingElse();

    impatient.sleep(41 * second);
    impatient.place();
    impatient.assertRuns(kept, node).assertNothingElse();
  }

  @Test
  void submit_wallTime_countsTheSoftLimitOnly() {
    long second = SchedulerHarness.SECOND;
    Node node = core.scheduler.nodeJoined("a", SchedulerHarness.offer(cpu(1)), 100 * second);
    core.place();
    ScheduledJob job =
        core.submit(cpu(1).and(wallTime(Duration.ofSeconds(100), Duration.ofSeconds(500))));
    core.assertRuns(job, node).assertNothingElse();
  }

  @Test
  void closed_requestNobodyCouldMeet_endsAtOnceWithASentence() {
    SchedulerHarness closed = SchedulerHarness.closed();
    closed.join("a", cpu(4));
    closed.join("b", SchedulerHarness.offer(cpu(2)).withGpus(List.of("0")));
    ScheduledJob job = closed.submit(cpu(8));
    closed
        .assertFinishes(
            job,
            Cause.NOT_STARTED,
            "it requests cpu(8), more than any worker has"
                + " (a offers 4 cores; b offers 2 cores, 1 GPU)")
        .assertNothingElse();
  }

  @Test
  void closed_containerWithoutAnEngine_endsAtOnceWithASentence() {
    SchedulerHarness closed = SchedulerHarness.closed();
    closed.join("a", cpu(2));
    ScheduledJob job = closed.submit(Demand.of(cpu(1)).inContainer());
    closed
        .assertFinishes(
            job,
            Cause.NOT_STARTED,
            "it requests 1 core in a container, but no worker has a container engine; start Docker"
                + " or Podman on the machine of a worker, and then the worker (in a program itself,"
                + " also dev.grain:grain-worker has to be on the class path)")
        .assertNothingElse();
  }

  @Test
  void closed_functionThatNoHeapHolds_endsAtOnceWithASentence() {
    SchedulerHarness closed = SchedulerHarness.closed();
    closed.join("a", SchedulerHarness.offer(memory("64GiB")).withHeap(4L << 30));
    closed.join("b", SchedulerHarness.offer(memory("32GiB")).withHeap(2L << 30));
    closed.join("c", memory("1GiB"));
    ScheduledJob job = closed.submit(Demand.of(memory("8GiB")).inHeap());
    closed
        .assertFinishes(
            job,
            Cause.NOT_STARTED,
            "it requests memory(8GiB) for a function, but the largest heap of a worker is 4 GiB;"
                + " run it isolated, or start a worker with a larger --heap")
        .assertNothingElse();
  }

  @Test
  void functions_beyondTheHeap_waitForEachOther_andCommandsGoBeside() {
    Offer offer = SchedulerHarness.offer(memory("64GiB")).withHeap(4L << 30);
    Node node = core.joinForLongJobs("a", offer);
    ScheduledJob first = core.submit(Demand.of(memory("3GiB")).inHeap());
    ScheduledJob second = core.submit(Demand.of(memory("2GiB")).inHeap());
    ScheduledJob command = core.submit(memory("32GiB"));
    core.assertRuns(first, node).assertRuns(command, node);
    core.started(node, first);
    core.started(node, command);
    core.assertNothingElse();
    core.ended(node, first);
    core.assertRuns(second, node).assertNothingElse();
  }

  @Test
  void closed_lastNodeThatCouldIsLost_endsThoseThatWait() {
    SchedulerHarness closed = SchedulerHarness.closed();
    closed.join("small", cpu(1));
    Node large = closed.joinForLongJobs("large", cpu(2));
    ScheduledJob running = closed.submit(cpu(2));
    ScheduledJob waiting = closed.submit(cpu(2));
    closed.assertRuns(running, large);
    closed.started(large, running);
    closed.lost(large, true);
    String reason = "it requests cpu(2), more than any worker has (small offers 1 core)";
    closed
        .assertFinishes(running, Cause.NOT_STARTED, reason)
        .assertFinishes(waiting, Cause.NOT_STARTED, reason)
        .assertNothingElse();
  }

  @Test
  void submit_moreClassesThanAreKept_forgetsThoseWithoutJobs() {
    Node node = core.joinForLongJobs("a", cpu(1).and(memory("8GiB")));
    for (int i = 1; i <= 3_000; i++) {
      ScheduledJob job = core.submit(memory(i));
      core.assertRuns(job, node);
      core.scheduler.ended(node, job.number(), 1, null, SchedulerHarness.SECOND);
    }
    core.place();
    assertThat(core.scheduler.classes.all()).hasSizeLessThanOrEqualTo(1_025);
    core.assertNothingElse();
  }

  @Test
  void policy_withoutOvertaking_isRefused() {
    assertThatThrownBy(() -> SchedulerHarness.overtaking(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("overtaking is 0: at least 1; use the strict order to let none pass");
  }
}
