package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What a run reports about where its jobs are; the sentences of the scheduler have a test of their
 * own.
 */
@ExtendWith(NothingLeft.class)
final class ExplainTest {
  private static final RunOptions FOUR = RunOptions.defaults().local(cpu(4));

  @Test
  void explain_jobOnItsWay_saysWhereItIsAndWhy() throws InterruptedException {
    try (var grain = GrainExecutor.open(FOUR)) {
      Signal started = Signal.create();
      Signal release = Signal.create();
      Job<?> running =
          grain.submit(JobOptions.of(cpu(3)).named("energy"), () -> started.fireAndAwait(release));
      Job<?> waiting = grain.submit(cpu(2), Math::abs, -1);
      started.await();
      grain.exec(cpu(1), () -> {});

      assertThat(running.explain())
          .matches("Job 1 \\(energy\\) has run on local for [0-9.]+ m?s, with 3 cores\\.");
      assertThat(grain.explain(running.id())).startsWith("Job 1 (energy) has run on local for ");
      assertThat(waiting.explain())
          .isEqualTo(
              "Job 2 is queued on local and waits there for 2 cores: local has 1 of 4 free.");
      assertThat(grain.explain(waiting.id())).isEqualTo(waiting.explain());
      release.fire();
      running.result();
      assertThat(running.explain())
          .matches(
              "Job 1 \\(energy\\) has returned a value, in attempt 1 on local after .* m?s\\.");
      waiting.result();
      assertThat(grain.explain(waiting.id())).isEqualTo("Job 2 has ended.");
    }
  }

  @Test
  void explain_jobThatHasFailed_saysHow_evenWhenTheRunIsClosed() {
    Job<?> job;
    GrainExecutor closed;
    try (var grain = GrainExecutor.open(FOUR)) {
      job =
          grain.submit(
              JobOptions.of(cpu(1)).retries(1),
              () -> {
                throw new IllegalStateException("too hot");
              });
      closed = grain;
    }
    assertThat(job.explain())
        .isEqualTo("Job 1 failed on local in attempt 2: java.lang.IllegalStateException: too hot.");
    assertThat(closed.explain(job.id())).isEqualTo("Job 1 has ended.");
  }

  @Test
  void explain_idOfNoJob_isRefused() {
    try (var grain = GrainExecutor.open(FOUR)) {
      grain.exec(cpu(1), () -> {});
      assertThatThrownBy(() -> grain.explain(new JobId(7)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("This run has no job 7; the last one is job 1.");
    }
  }
}
