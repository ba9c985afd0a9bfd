package dev.grain.schedule;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.schedule.SchedulerHarness.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Attempt;
import dev.grain.Cause;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Nodes that cannot start jobs, for reasons of their own. */
final class SchedulerSetAsideTest {
  private static final String FULL = "it could not store code: No space left on device";

  private final SchedulerHarness core = SchedulerHarness.relaxed();

  /** The node fails to start so many jobs in a row. */
  private void refuse(Node node, ScheduledJob job, int times) {
    for (int i = 0; i < times; i++) {
      core.assertRuns(job, node);
      assertThat(core.refused(node, job, FULL)).isEqualTo(Scheduler.Verdict.RETRIED);
    }
  }

  @Test
  void refused_threeInARow_setsTheNodeAside_andJobsRunElsewhereWithoutBlame() {
    Node full = core.joinForLongJobs("full", cpu(1));
    ScheduledJob job = core.submit(cpu(1));
    refuse(full, job, 3);
    core.assertNothingElse();
    assertThat(core.scheduler.nodes()).isEmpty();

    Node other = core.joinForLongJobs("other", cpu(1));
    core.assertRuns(job, other).assertNothingElse();
    assertThat(job.attempt()).isEqualTo(4);
    assertThat(job.failures()).isZero();
    assertThat(job.losses()).isZero();
    assertThat(job.history())
        .hasSize(3)
        .extracting(Attempt::failure)
        .containsOnly(Optional.of(Cause.NOT_STARTED));
    assertThat(job.history()).extracting(Attempt::reason).containsOnly(FULL);
    assertThat(core.ended(other, job)).isEqualTo(Scheduler.Verdict.FINAL);
  }

  @Test
  void refused_thenASuccess_startsTheCountAgain() {
    Node node = core.joinForLongJobs("a", cpu(1));
    ScheduledJob job = core.submit(cpu(1));
    refuse(node, job, 2);
    core.assertRuns(job, node);
    core.ended(node, job);
    ScheduledJob next = core.submit(cpu(1));
    refuse(node, next, 2);
    core.assertRuns(next, node).assertNothingElse();
  }

  @Test
  void setAside_isTriedAgain_andThenForTwiceAsLong_upToFiveMinutes() {
    Node node = core.joinForLongJobs("a", cpu(1));
    long[] seconds = {30, 60, 120, 240, 300, 300};
    refuse(node, core.submit(cpu(1)), 3);
    for (long each : seconds) {
      core.assertNothingElse();
      core.sleep(each * SECOND - 1);
      core.place();
      core.assertNothingElse();
      assertThat(core.scheduler.nextDue()).isNotEqualTo(Long.MAX_VALUE);
      core.sleep(1);
      core.place();
      ScheduledJob waiting = core.scheduler.unended().getFirst();
      core.assertRuns(waiting, node);
      if (core.refused(node, waiting, FULL) == Scheduler.Verdict.FINAL) {
        core.submit(cpu(1));
      }
    }
  }

  @Test
  void setAside_afterASuccess_isForAShortTimeAgain() {
    Node node = core.joinForLongJobs("a", cpu(1));
    ScheduledJob job = core.submit(cpu(1));
    refuse(node, job, 3);
    core.sleep(30 * SECOND);
    core.place();
    core.assertRuns(job, node);
    core.ended(node, job);
    ScheduledJob next = core.submit(cpu(1));
    refuse(node, next, 3);
    core.sleep(30 * SECOND);
    core.place();
    core.assertRuns(next, node).assertNothingElse();
  }

  @Test
  void setAside_jobsThatRunThere_goOn() {
    Node node = core.joinForLongJobs("a", cpu(2));
    ScheduledJob running = core.submit(cpu(1));
    core.assertRuns(running, node);
    core.started(node, running);
    ScheduledJob job = core.submit(cpu(1));
    refuse(node, job, 3);
    assertThat(core.ended(node, running)).isEqualTo(Scheduler.Verdict.FINAL);
    core.assertNothingElse();
  }

  @Test
  void setAside_nodeThatIsLost_isForgotten() {
    Node node = core.joinForLongJobs("a", cpu(1));
    refuse(node, core.submit(cpu(1)), 3);
    core.lost(node, true);
    assertThat(core.scheduler.nextDue()).isEqualTo(Long.MAX_VALUE);
    core.sleep(30 * SECOND);
    core.place();
    core.assertNothingElse();
  }

  @Test
  void setAside_nodeThatIsOutOfReachMeanwhile_isOpenWhenBothAreOver() {
    Node node = core.joinForLongJobs("a", cpu(1));
    ScheduledJob job = core.submit(cpu(1));
    refuse(node, job, 3);
    core.suspended(node);
    core.sleep(30 * SECOND);
    core.place();
    core.assertNothingElse();
    core.resumed(node);
    core.assertRuns(job, node).assertNothingElse();
  }

  @Test
  void refused_everywhereAgainAndAgain_endsTheJobWithTheReasons() {
    Node node = core.joinForLongJobs("a", cpu(1));
    ScheduledJob job = core.submit(cpu(1));
    refuse(node, job, 3);
    core.sleep(30 * SECOND);
    core.place();
    refuse(node, job, 1);
    core.sleep(60 * SECOND);
    core.place();
    core.assertRuns(job, node);
    assertThat(core.refused(node, job, FULL)).isEqualTo(Scheduler.Verdict.FINAL);
    assertThat(job.phase()).isEqualTo(ScheduledJob.Phase.ENDED);
    assertThat(job.refusals()).containsOnlyKeys("a").containsValue(FULL);
    core.assertNothingElse();
  }

  @Test
  void refused_afterItWasCancelled_isCancelled() {
    Node node = core.joinForLongJobs("a", cpu(1));
    ScheduledJob job = core.submit(cpu(1));
    core.assertRuns(job, node);
    core.cancel(job);
    core.assertStops(job, node);
    core.refused(node, job, FULL);
    core.assertFinishes(job, Cause.CANCELLED, "it was cancelled").assertNothingElse();
  }

  @Test
  void refused_whereAllNodesAreHere_endsTheJobAtOnce() {
    SchedulerHarness closed = SchedulerHarness.closed();
    Node node = closed.joinForLongJobs("a", cpu(1));
    ScheduledJob job = closed.submit(cpu(1));
    closed.assertRuns(job, node);
    assertThat(closed.refused(node, job, FULL)).isEqualTo(Scheduler.Verdict.FINAL);
    ScheduledJob next = closed.submit(cpu(1));
    closed.assertRuns(next, node).assertNothingElse();
  }
}
