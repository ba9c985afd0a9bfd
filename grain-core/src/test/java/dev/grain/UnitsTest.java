package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.custom;
import static dev.grain.resource.Resources.customIds;
import static dev.grain.resource.Resources.gpuIds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Kinds whose units have ids, from their declaration to the jobs that hold them. */
@ExtendWith(NothingLeft.class)
final class UnitsTest {
  private static final AtomicInteger AT_ONCE = new AtomicInteger();
  private static final AtomicInteger MOST_AT_ONCE = new AtomicInteger();

  private static RunOptions options() {
    return RunOptions.defaults()
        .progress(false)
        .echo(false)
        .local(
            cpu(4)
                .and(customIds("PORT", "8000-8003"))
                .and(gpuIds("0,2"))
                .and(customIds("lab.cam-1", "left,"))
                .and(custom("TOKENS", 5)));
  }

  @Test
  void jobs_thatRunTogether_holdDifferentUnits() {
    Grain.runCombine(
        () -> {
          Signal all = Signal.create(2);
          var group = Grain.openWaitGroup();
          try (group) {
            for (int job = 0; job < 2; job++) {
              group.submit(
                  custom("PORT", 2),
                  () -> {
                    all.fireAndAwait(all);
                    return Grain.allocation();
                  });
            }
          }
          List<String> ports = new ArrayList<>();
          for (Allocation each : group.results(Allocation.class)) {
            assertThat(each.ids("PORT")).hasSize(2).isSorted();
            assertThat(each.amount("PORT")).isEqualTo(2);
            ports.addAll(each.ids("PORT"));
          }
          assertThat(ports).containsExactlyInAnyOrder("8000", "8001", "8002", "8003");
        },
        options());
  }

  @Test
  void allocation_tellsTheIdsOfEachKind() {
    Allocation held =
        Grain.runCombine(
            () ->
                Grain.exec(
                    cpu(2)
                        .and(gpuIds("2"))
                        .and(customIds("PORT", "8001,8003"))
                        .and(custom("TOKENS", 2.5)),
                    Grain::allocation),
            options());
    assertThat(held.ids("gpu")).containsExactly("2");
    assertThat(held.ids("cpu")).hasSize(2);
    assertThat(held.ids("PORT")).containsExactly("8001", "8003");
    assertThat(held.ids("TOKENS")).isEmpty();
    assertThat(held.ids("NOTHING")).isEmpty();
    assertThat(held.toString()).contains("PORT [8001, 8003]", "TOKENS 2.5");
  }

  private static String alone() {
    int now = AT_ONCE.incrementAndGet();
    MOST_AT_ONCE.accumulateAndGet(now, Math::max);
    AT_ONCE.decrementAndGet();
    return Grain.allocation().ids("PORT").toString();
  }

  @Test
  void jobs_thatAskForTheSameUnit_waitForEachOther() {
    Grain.runCombine(
        () -> {
          var group = Grain.openWaitGroup();
          try (group) {
            for (int job = 0; job < 50; job++) {
              group.submit(customIds("PORT", "8002"), UnitsTest::alone);
            }
          }
          assertThat(group.results()).hasSize(50).containsOnly("[8002]");
          assertThat(MOST_AT_ONCE).hasValue(1);
        },
        options());
  }

  @Test
  void job_thatWaitsForAUnit_saysWhichOneIsInUse() throws InterruptedException {
    Grain.runCombine(
        () -> {
          Signal started = Signal.create(1);
          Signal release = Signal.create(1);
          try (var group = Grain.openWaitGroup()) {
            group.submit(
                customIds("PORT", "8002"),
                () -> {
                  started.fireAndAwait(release);
                  return null;
                });
            started.await();
            Job<String> waiting = group.submit(customIds("PORT", "8001-8002"), UnitsTest::alone);
            try {
              assertThat(waiting.explain()).contains("PORT 8001,8002").contains("PORT 8002 in use");
            } finally {
              release.fire();
            }
          }
        },
        options());
  }

  @Test
  void job_thatAsksForAUnitThatIsNotOffered_isNotStarted() {
    assertThatThrownBy(() ->
            Grain.runCombine(
                () -> Grain.exec(customIds("PORT", "8003-8005"), UnitsTest::alone), options()))
        .hasStackTraceContaining("but no worker offers PORT 8004,8005 (local offers ");
  }

  @Test
  void command_knowsItsUnits() {
    try (var grain = GrainExecutor.open(options())) {
      Command command =
          Command.of(
              "sh",
              "-c",
              "echo $GRAIN_PORT $GRAIN_LAB_CAM_1 {PORT.ids} {PORT.count} {TOKENS.count} {lab.cam-1.ids}");
      CommandResult result =
          grain.exec(
              cpu(1)
                  .and(customIds("PORT", "8000,8003"))
                  .and(custom("TOKENS", 2.5))
                  .and(custom("lab.cam-1", 1)),
              command);
      assertThat(result.stdout()).isEqualTo("8000,8003 left 8000,8003 2 2.5 left\n");
    }
  }

  @Test
  void command_withAPlaceholderOfWhatItsJobDoesNotHold_isNotStarted() {
    try (var grain = GrainExecutor.open(options())) {
      assertThatThrownBy(() -> grain.exec(cpu(1), Command.of("echo", "{PORT.ids}")))
          .hasStackTraceContaining("its job holds no PORT");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Command.of("echo", "{cpus.ids}"))
        .withMessageContaining("did you mean {cpu.ids}?");
  }
}
