package dev.grain.schedule;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.gpu;
import static dev.grain.schedule.SchedulerHarness.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Attempt;
import dev.grain.Cause;
import dev.grain.explain.Sentences;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Nodes that cannot prepare what jobs need, for reasons of their own. */
final class SchedulerUnpreparedTest {
  private static final String VENV = "a virtual environment";
  private static final String CONDA = "an environment of conda";
  private static final String NO_CONDA = "conda is not installed";

  private final SchedulerHarness core = SchedulerHarness.relaxed();

  private ScheduledJob submit(String preparation) {
    return core.submit(cpu(1), preparation);
  }

  // ---------------------------------------------------------------- elsewhere

  @Test
  void unprepared_jobRunsElsewhereWithoutBlame() {
    Node without = core.joinForLongJobs("without", cpu(2));
    ScheduledJob job = submit(CONDA);
    core.assertRuns(job, without);
    Node with = core.joinForLongJobs("with", cpu(2));

    assertThat(core.unprepared(without, job, NO_CONDA)).isEqualTo(Scheduler.Verdict.RETRIED);

    core.assertRuns(job, with).assertNothingElse();
    assertThat(job.failures()).isZero();
    assertThat(job.history())
        .singleElement()
        .satisfies(attempt -> assertThat(attempt.reason()).isEqualTo(NO_CONDA))
        .extracting(Attempt::failure)
        .isEqualTo(Optional.of(Cause.NOT_STARTED));
    assertThat(core.ended(with, job)).isEqualTo(Scheduler.Verdict.FINAL);
  }

  @Test
  void unprepared_nodeGetsNoJobsThatNeedTheSame_butAllOthers() {
    Node without = core.joinForLongJobs("without", cpu(4));
    ScheduledJob first = submit(CONDA);
    core.assertRuns(first, without);
    Node busy = core.joinForLongJobs("with", cpu(1));
    ScheduledJob elsewhere = core.submit(cpu(1));
    core.assertRuns(elsewhere, busy);
    core.started(busy, elsewhere);

    core.unprepared(without, first, NO_CONDA);
    ScheduledJob second = submit(CONDA);
    core.assertNothingElse();
    for (ScheduledJob other : new ScheduledJob[] {submit(VENV), core.submit(cpu(1))}) {
      core.assertRuns(other, without);
    }
    core.assertNothingElse();

    core.ended(busy, elsewhere);
    core.assertRuns(first, busy).assertNothingElse();
    core.ended(busy, first);
    core.assertRuns(second, busy).assertNothingElse();
  }

  @Test
  void unprepared_againAndAgain_doesNotSetTheNodeAside() {
    Node node = core.joinForLongJobs("a", cpu(1));
    for (int i = 0; i < 2 * SetAside.REFUSALS; i++) {
      ScheduledJob job = submit("environment " + i);
      core.assertRuns(job, node);
      assertThat(core.unprepared(node, job, NO_CONDA)).isEqualTo(Scheduler.Verdict.FINAL);
    }
    ScheduledJob plain = core.submit(cpu(1));
    core.assertRuns(plain, node).assertNothingElse();
  }

  @Test
  void unprepared_jobWaitsForANodeThatIsBusyAndHasNotFailed() {
    Node without = core.joinForLongJobs("without", cpu(1));
    Node with = core.joinForLongJobs("with", cpu(1));
    ScheduledJob running = core.submit(cpu(1));
    core.assertRuns(running, without);
    ScheduledJob other = core.submit(cpu(1));
    core.assertRuns(other, with);
    core.started(with, other);
    core.started(without, running);
    ScheduledJob job = submit(CONDA);
    core.ended(without, running);
    core.assertRuns(job, without);

    assertThat(core.unprepared(without, job, NO_CONDA)).isEqualTo(Scheduler.Verdict.RETRIED);

    core.assertNothingElse();
    assertThat(Sentences.of(core.scheduler.explain(job)))
        .contains("without could not prepare it, and tries again in 1 min: " + NO_CONDA);
    core.ended(with, other);
    core.assertRuns(job, with).assertNothingElse();
  }

  @Test
  void unprepared_jobWaitsForANodeThatIsOutOfReach() {
    Node away = core.joinForLongJobs("away", cpu(1));
    core.suspended(away);
    Node without = core.joinForLongJobs("without", cpu(1));
    ScheduledJob job = submit(CONDA);
    core.assertRuns(job, without);

    assertThat(core.unprepared(without, job, NO_CONDA)).isEqualTo(Scheduler.Verdict.RETRIED);

    core.assertNothingElse();
    core.resumed(away);
    core.assertRuns(job, away).assertNothingElse();
  }

  @Test
  void unprepared_nodeIsTriedAgainAfterAMinute() {
    Node node = core.joinForLongJobs("a", cpu(1));
    Node other = core.joinForLongJobs("b", cpu(1));
    core.suspended(other);
    ScheduledJob job = submit(CONDA);
    core.assertRuns(job, node);
    core.unprepared(node, job, NO_CONDA);

    core.sleep(60 * SECOND - 1);
    core.place();
    core.assertNothingElse();
    assertThat(core.scheduler.nextDue()).isNotEqualTo(Long.MAX_VALUE);
    core.sleep(1);
    core.place();

    core.assertRuns(job, node).assertNothingElse();
    assertThat(core.scheduler.nextDue()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void unprepared_nodeThatIsLost_isForgotten() {
    Node node = core.joinForLongJobs("a", cpu(1));
    Node other = core.joinForLongJobs("b", cpu(1));
    core.suspended(other);
    ScheduledJob job = submit(CONDA);
    core.assertRuns(job, node);
    core.unprepared(node, job, NO_CONDA);

    core.lost(node, false);

    assertThat(core.scheduler.nextDue()).isEqualTo(Long.MAX_VALUE);
    Node next = core.joinForLongJobs("a", cpu(1));
    core.assertRuns(job, next).assertNothingElse();
  }

  @Test
  void unprepared_manySettings_doNotAddUp() {
    Node node = core.joinForLongJobs("a", cpu(1));
    for (int i = 0; i < 3; i++) {
      ScheduledJob job = submit("environment " + i);
      core.assertRuns(job, node);
      core.unprepared(node, job, NO_CONDA);
    }
    int count = core.scheduler.dimensions.count();
    core.sleep(60 * SECOND);
    core.place();
    for (int i = 3; i < 6; i++) {
      ScheduledJob job = submit("environment " + i);
      core.assertRuns(job, node);
      core.unprepared(node, job, NO_CONDA);
    }
    assertThat(core.scheduler.dimensions.count()).isEqualTo(count);
  }

  // ---------------------------------------------------------------- nowhere

  @Test
  void unprepared_onTheOnlyNode_endsAllJobsThatNeedIt_andNoOthers() {
    Node node = core.joinForLongJobs("a", cpu(2));
    ScheduledJob job = submit(CONDA);
    ScheduledJob other = submit(VENV);
    core.assertRuns(job, node).assertRuns(other, node);
    ScheduledJob queued = submit(CONDA);
    ScheduledJob plain = core.submit(cpu(1));

    assertThat(core.unprepared(node, job, NO_CONDA)).isEqualTo(Scheduler.Verdict.FINAL);

    assertThat(job.phase()).isEqualTo(ScheduledJob.Phase.ENDED);
    assertThat(job.refusals()).containsEntry("a", NO_CONDA);
    core.assertFinishes(queued, Cause.NOT_STARTED, "a could not prepare it: " + NO_CONDA);
    core.assertRuns(plain, node).assertNothingElse();
  }

  @Test
  void unprepared_onAllNodes_endsTheJobWithTheReasons() {
    Node first = core.joinForLongJobs("a", cpu(1));
    Node second = core.joinForLongJobs("b", cpu(1));
    ScheduledJob job = submit(CONDA);
    core.assertRuns(job, first);
    core.unprepared(first, job, NO_CONDA);
    core.assertRuns(job, second);

    assertThat(core.unprepared(second, job, "the disk is full")).isEqualTo(Scheduler.Verdict.FINAL);

    assertThat(job.refusals()).containsEntry("a", NO_CONDA).containsEntry("b", "the disk is full");
    core.assertNothingElse();
  }

  @Test
  void unprepared_nodesThatAreTooSmallForTheJob_doNotCount() {
    core.joinForLongJobs("small", cpu(1));
    Node large = core.joinForLongJobs("large", cpu(1).and(gpu(1)));
    ScheduledJob job = core.submit(gpu(1), CONDA);
    core.assertRuns(job, large);

    assertThat(core.unprepared(large, job, NO_CONDA)).isEqualTo(Scheduler.Verdict.FINAL);
  }

  @Test
  void unprepared_jobSubmittedMeanwhile_endsWithTheSameReason() {
    Node node = core.joinForLongJobs("a", cpu(1));
    ScheduledJob job = submit(CONDA);
    core.assertRuns(job, node);
    core.unprepared(node, job, NO_CONDA);

    ScheduledJob next = submit(CONDA);

    core.assertFinishes(next, Cause.NOT_STARTED, "a could not prepare it: " + NO_CONDA)
        .assertNothingElse();
    core.sleep(60 * SECOND);
    core.place();
    ScheduledJob later = submit(CONDA);
    core.assertRuns(later, node).assertNothingElse();
  }

  @Test
  void unprepared_afterItWasCancelled_isCancelled() {
    Node node = core.joinForLongJobs("a", cpu(1));
    ScheduledJob job = submit(CONDA);
    core.assertRuns(job, node);
    core.cancel(job);
    core.assertStops(job, node);

    core.unprepared(node, job, NO_CONDA);

    core.assertFinishes(job, Cause.CANCELLED, "it was cancelled").assertNothingElse();
  }

  @Test
  void unprepared_jobsSentAhead_areTakenElsewhere() {
    Node without = core.join("without", cpu(1));
    ScheduledJob[] jobs =
        IntStream.range(0, 3).mapToObj(_ -> submit(CONDA)).toArray(ScheduledJob[]::new);
    for (ScheduledJob job : jobs) {
      if (job.phase() == ScheduledJob.Phase.SENT) {
        core.assertRuns(job, without);
      }
    }
    core.unprepared(without, jobs[0], NO_CONDA);
    for (ScheduledJob job : jobs) {
      if (job.phase() == ScheduledJob.Phase.SENT) {
        core.unprepared(without, job, NO_CONDA);
      }
    }
    assertThat(jobs).extracting(ScheduledJob::phase).containsOnly(ScheduledJob.Phase.ENDED);
  }
}
