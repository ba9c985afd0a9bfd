package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.custom;
import static dev.grain.resource.Resources.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The statistics of a run. */
@ExtendWith(NothingLeft.class)
final class RunStatsTest {
  private static final RunOptions TWO =
      RunOptions.defaults().local(cpu(2).and(custom("PROBE", 3)).and(token("licence")));

  /** Waits until the head knows that so many run. */
  private static RunStats whenRunning(GrainExecutor grain, int running) {
    RunStats stats = grain.stats();
    while (stats.running() != running) {
      Thread.onSpinWait();
      stats = grain.stats();
    }
    return stats;
  }

  @Test
  void stats_idle_tellWhatIsOffered() {
    try (var grain = GrainExecutor.open(TWO)) {
      RunStats stats = grain.stats();

      assertThat(stats.submitted()).isZero();
      assertThat(stats.heldBytes()).isZero();
      RunStats.Worker worker = stats.workers().getFirst();
      assertThat(stats.workers()).hasSize(1);
      assertThat(worker.name()).isEqualTo("local");
      assertThat(worker.jobs()).isZero();
      assertThat(worker.offers()).containsExactly(entry("cpu", 2.0), entry("PROBE", 3.0));
      assertThat(worker.free()).isEqualTo(worker.offers());
    }
  }

  @Test
  void stats_whileJobsRunAndWait_tellWhereTheyAreAndWhatIsFree() {
    Signal release = Signal.create();
    try (var grain = GrainExecutor.open(TWO)) {
      for (int job = 0; job < 5; job++) {
        grain.submit(cpu(1).and(custom("PROBE", 0.5)), release::await);
      }
      RunStats stats = whenRunning(grain, 2);

      assertThat(stats.submitted()).isEqualTo(5);
      assertThat(stats.queued() + stats.sent()).isEqualTo(3);
      assertThat(stats.ended()).isZero();
      assertThat(stats.free("cpu")).isZero();
      assertThat(stats.free("PROBE")).isEqualTo(2.0);
      assertThat(stats.offers("cpu")).isEqualTo(2.0);
      assertThat(stats.workers().getFirst().jobs()).isEqualTo(2 + stats.sent());
      assertThat(stats.decisions()).isEqualTo(2 + stats.sent());
      assertThat(stats.passes()).isPositive();
      assertThat(stats.heldBytes()).isPositive();
      release.fire();
    }
  }

  @Test
  void stats_ofEnds_countEachKind() {
    Signal release = Signal.create();
    GrainExecutor grain = GrainExecutor.open(TWO);
    try (grain) {
      grain.map(cpu(1), String::length, List.of("a", "b", "c"));
      grain.submit(JobOptions.of(cpu(1)).retries(1), () -> Integer.valueOf("x")).outcome();
      Job<?> held = grain.submit(cpu(1), release::await);
      held.cancel();
      held.outcome();

      RunStats stats = grain.stats();
      assertThat(stats.succeeded()).isEqualTo(3);
      assertThat(stats.failed()).isOne();
      assertThat(stats.cancelled()).isOne();
      assertThat(stats.retried()).isOne();
      assertThat(stats.lost()).isZero();
      assertThat(stats.ended()).isEqualTo(stats.submitted()).isEqualTo(5);
    }
  }

  @Test
  void stats_ofBytes_countArgumentsAndResults() {
    try (var grain = GrainExecutor.open(TWO)) {
      grain.exec(cpu(1), (byte[] bytes) -> bytes.length, new byte[10_000]);
      grain.exec(cpu(1), (Integer length) -> new byte[length], 20_000);

      RunStats stats = grain.stats();
      assertThat(stats.sentBytes()).isBetween(10_000L, 10_200L);
      assertThat(stats.receivedBytes()).isBetween(20_000L, 20_200L);
    }
  }

  @Test
  void stats_afterClose_tellTheEnd() {
    GrainExecutor grain = GrainExecutor.open(TWO);
    try (grain) {
      grain.submit(cpu(1), () -> 1);
    }

    RunStats stats = grain.stats();
    assertThat(stats.succeeded()).isOne();
    assertThat(stats.running()).isZero();
    assertThat(stats.heldBytes()).isZero();
    assertThat(stats.free("cpu")).isEqualTo(2.0);
    assertThat(grain.stats()).isEqualTo(stats);
  }

  @Test
  void stats_inCallbackOfLoop_doNotWaitForIt() {
    Signal release = Signal.create();
    try (var grain = GrainExecutor.open(TWO)) {
      var seen = grain.submit(cpu(1), release::await).toFuture().thenApply(_ -> grain.stats());
      release.fire();

      assertThat(seen.join().submitted()).isOne();
    }
  }

  @Test
  void stats_ofInterruptedThread_areTakenAndTheFlagStays() {
    try (var grain = GrainExecutor.open(TWO)) {
      Thread.currentThread().interrupt();
      RunStats stats = grain.stats();

      assertThat(Thread.interrupted()).isTrue();
      assertThat(stats.submitted()).isZero();
    }
  }

  @Test
  void stats_ofManyJobs_addUpAtEachMoment() {
    try (var grain = GrainExecutor.open(TWO)) {
      List<Job<Integer>> jobs = new ArrayList<>();
      for (int job = 0; job < 3_000; job++) {
        jobs.add(grain.submit(cpu(0.5), n -> n, job));
        RunStats stats = grain.stats();
        assertThat(stats.submitted())
            .isEqualTo(stats.queued() + stats.sent() + stats.running() + stats.ended());
      }
      jobs.forEach(Job::result);
      assertThat(grain.stats().succeeded()).isEqualTo(3_000);
    }
  }
}
