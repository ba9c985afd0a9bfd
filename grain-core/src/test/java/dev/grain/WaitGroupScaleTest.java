package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.none;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Wait groups in numbers. */
@ExtendWith(NothingLeft.class)
final class WaitGroupScaleTest {
  private static final RunOptions WIDE = RunOptions.defaults().local(cpu(1000));

  @Test
  void groups_tenThousandSideBySide_allEnd() {
    int sum =
        Grain.runCombine(
            () -> {
              var all = Grain.openWaitGroup();
              try (all) {
                for (int group = 0; group < 10_000; group++) {
                  all.start(WaitGroupScaleTest::one);
                }
              }
              return all.results(Integer.class).stream().mapToInt(each -> each).sum();
            },
            WIDE);

    assertThat(sum).isEqualTo(10_000);
  }

  private static int one() {
    var group = Grain.openWaitGroup();
    try (group) {
      group.submit(none(), () -> 1);
    }
    return group.results(Integer.class).getFirst();
  }

  @Test
  void groups_aThousandDeepInSubtasks_allEnd() {
    int depth = Grain.runCombine(() -> deeper(1000));

    assertThat(depth).isEqualTo(1000);
  }

  private static int deeper(int left) {
    if (left == 0) {
      return 0;
    }
    var group = Grain.openWaitGroup();
    try (group) {
      group.start(() -> deeper(left - 1));
    }
    return group.results(Integer.class).getFirst() + 1;
  }

  @Test
  void groups_aThousandDeepInOneThread_areCancelledByTheOutermost() {
    assertThatThrownBy(() ->
            Grain.runCombine(() -> {
              var outermost = Grain.openWaitGroup(GroupOptions.defaults().named("top"));
              List<WaitGroup> opened = new ArrayList<>();
              for (int depth = 0; depth < 1000; depth++) {
                opened.add(Grain.openWaitGroup());
              }
              Job<?> deepest = opened.getLast().submit(none(), Signal.create()::await);
              outermost.cancel();
              for (WaitGroup group : opened.reversed()) {
                assertThatThrownBy(group::close)
                    .isInstanceOf(GroupCancelledException.class)
                    .hasMessageContaining("wait group top around it was cancelled");
              }
              outermost.close();
              deepest.result();
            }))
        .isInstanceOf(dev.grain.JobCancelledException.class);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.5})
  void jobs_aMillionInOneGroup_allEnd(double cores) {
    Resource request = cores == 0 ? none() : cpu(cores);
    long sum =
        Grain.runCombine(
            () -> {
              var group = Grain.openWaitGroup();
              try (group) {
                for (int job = 0; job < 1_000_000; job++) {
                  group.submit(request, Math::abs, -1);
                }
              }
              return group.results(Integer.class).stream().mapToLong(each -> each).sum();
            },
            WIDE);

    assertThat(sum).isEqualTo(1_000_000);
  }

  @Test
  void jobs_aHundredThousandQueued_areCancelledAtOnce() throws InterruptedException {
    Grain.runCombine(
        () -> {
          Signal started = Signal.create();
          var group = Grain.openWaitGroup();
          try (group) {
            group.submit(cpu(1000), InterruptionTest::block, started);
            started.await();
            for (int job = 0; job < 100_000; job++) {
              group.submit(cpu(1000), Math::abs, -1);
            }
            group.cancel();
          }
          assertThat(group.outcomes())
              .hasSize(100_001)
              .allMatch(each -> each instanceof dev.grain.Outcome.Cancelled);
        },
        WIDE);
  }

  @Test
  void close_interruptedWhileJobsStillArrive_cancelsThoseToo() {
    assertThatThrownBy(
            () -> {
              try (var executor = GrainExecutor.open(WIDE)) {
                executor.submit(cpu(1000), Signal.create()::await);
                for (int job = 0; job < 20_000; job++) {
                  executor.submit(cpu(1000), Signal.create()::await);
                }
                Thread.currentThread().interrupt();
              }
            })
        .isInstanceOf(dev.grain.GrainInterruptedException.class);
    assertThat(Thread.interrupted()).isTrue();
  }
}
