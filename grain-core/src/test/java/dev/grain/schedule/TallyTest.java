package dev.grain.schedule;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Cause;
import dev.grain.resource.internal.Demand;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Jobs are counted for whoever owns them, and in all. */
final class TallyTest {
  private static final int LATE = 7;

  private final SchedulerHarness core = SchedulerHarness.relaxed();
  private final Tally first = new Tally();
  private final Tally second = new Tally();
  private long nextNumber = 1;

  /** A job that is run again once if it fails. */
  private static final class OwnedJob extends ScheduledJob {
    private final @Nullable Tally owner;

    OwnedJob(long number, @Nullable Tally owner) {
      super(number);
      this.owner = owner;
    }

    @Override
    protected @Nullable Tally tally() {
      return owner;
    }

    @Override
    protected Retries retries() {
      return new Retries(1, 0, 1, 0, false);
    }
  }

  private ScheduledJob submit(@Nullable Tally owner) {
    ScheduledJob job = new OwnedJob(nextNumber++, owner);
    core.scheduler.submit(job, Demand.of(cpu(1)));
    core.place();
    return job;
  }

  private static void assertCounts(Tally tally, int queued, int sent, int running) {
    Counts counts = tally.toCounts(0);
    assertThat(counts)
        .isEqualTo(new Counts(queued, sent, running, counts.retried(), counts.lost(), 0));
  }

  @Test
  void twoOwners_areCountedApart_andInAll() {
    Node node = core.joinForLongJobs("node1", cpu(2));
    ScheduledJob ofFirst = submit(first);
    submit(second);
    submit(second);
    submit(null);
    core.started(node, ofFirst);
    assertCounts(first, 0, 0, 1);
    assertCounts(second, 1, 1, 0);
    assertThat(core.scheduler.counts()).isEqualTo(new Counts(2, 1, 1, 0, 0, 0));

    core.ended(node, ofFirst);
    assertCounts(first, 0, 0, 0);
    assertCounts(second, 0, 2, 0);
    assertThat(core.scheduler.counts()).isEqualTo(new Counts(1, 2, 0, 0, 0, 0));
  }

  @Test
  void retryAndLoss_areCountedForTheOwnerOfTheJob() {
    Node node = core.joinForLongJobs("node1", cpu(2));
    ScheduledJob ofFirst = submit(first);
    ScheduledJob ofSecond = submit(second);
    core.failed(node, ofFirst, Cause.FAILED);
    core.started(node, ofSecond);
    core.lost(node, true);
    assertThat(first.toCounts(0)).isEqualTo(new Counts(1, 0, 0, 1, 0, 0));
    assertThat(second.toCounts(0)).isEqualTo(new Counts(1, 0, 0, 0, 1, 0));
    assertThat(core.scheduler.counts()).isEqualTo(new Counts(2, 0, 0, 1, 1, 0));
  }

  @Test
  void cancelAndLateReply_leaveNoJobCounted_andOnlyTheSchedulerKnowsOfTheReply() {
    Node node = core.joinForLongJobs("node1", cpu(1));
    ScheduledJob ofFirst = submit(first);
    ScheduledJob ofSecond = submit(second);
    core.cancel(ofSecond);
    core.ended(node, ofFirst);
    core.ended(node, ofFirst);
    assertCounts(first, 0, 0, 0);
    assertCounts(second, 0, 0, 0);
    assertThat(core.scheduler.counts()).isEqualTo(new Counts(0, 0, 0, 0, 0, 1));
    assertThat(first.toCounts(LATE)).isEqualTo(new Counts(0, 0, 0, 0, 0, LATE));
  }
}
