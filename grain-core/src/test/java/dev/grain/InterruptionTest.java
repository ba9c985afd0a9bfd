package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An interrupt at each point where a thread waits in Grain: one rule for all of them. */
@ExtendWith(NothingLeft.class)
final class InterruptionTest {
  private static final RunOptions FOUR = RunOptions.defaults().local(cpu(4));

  /** Code that waits for good, once it has fired the signal or something it has started has. */
  @FunctionalInterface
  interface Waiting {
    void run(Signal started) throws Exception;
  }

  record Point(String name, Waiting code) {
    @Override
    public String toString() {
      return name;
    }
  }

  static void block(Signal started) throws InterruptedException {
    started.fireAndAwait(Signal.create());
  }

  static List<Point> points() {
    return List.of(
        new Point(
            "result() of a job",
            started -> {
              try (var wg = Grain.openWaitGroup()) {
                wg.submit(cpu(1), InterruptionTest::block, started).result();
              }
            }),
        new Point(
            "outcome() of a job",
            started -> {
              try (var wg = Grain.openWaitGroup()) {
                wg.submit(cpu(1), InterruptionTest::block, started).outcome();
              }
            }),
        new Point(
            "result() of a subtask",
            started -> {
              try (var wg = Grain.openWaitGroup()) {
                wg.start(() -> block(started)).result();
              }
            }),
        new Point(
            "completed()",
            started -> {
              try (var wg = Grain.openWaitGroup()) {
                wg.submit(cpu(1), InterruptionTest::block, started);
                wg.completed().forEach(Job::result);
              }
            }),
        new Point(
            "close() with a job",
            started -> {
              try (var wg = Grain.openWaitGroup()) {
                wg.submit(cpu(1), InterruptionTest::block, started);
              }
            }),
        new Point(
            "close() with a subtask",
            started -> {
              try (var wg = Grain.openWaitGroup()) {
                wg.start(() -> block(started));
              }
            }),
        new Point(
            "close() of an inner group",
            started -> {
              try (var outer = Grain.openWaitGroup();
                  var inner = Grain.openWaitGroup()) {
                outer.submit(cpu(1), InterruptionTest::block, Signal.create());
                inner.submit(cpu(1), InterruptionTest::block, started);
              }
            }),
        new Point("exec()", started -> Grain.exec(cpu(1), InterruptionTest::block, started)),
        new Point(
            "map()",
            started ->
                Grain.map(
                    cpu(1),
                    each -> {
                      block(started);
                      return each;
                    },
                    List.of(1, 2, 3))),
        new Point(
            "forEach()",
            started -> Grain.forEach(cpu(1), InterruptionTest::block, List.of(started))),
        new Point(
            "stream()",
            started -> {
              try (Stream<Integer> results =
                  Grain.stream(
                      cpu(1),
                      each -> {
                        block(started);
                        return each;
                      },
                      List.of(1, 2))) {
                results.forEach(_ -> {});
              }
            }),
        new Point(
            "the end of the run",
            started -> {
              GrainExecutor executor = GrainExecutor.open(FOUR);
              try (executor) {
                executor.submit(cpu(1), InterruptionTest::block, started);
              }
            }));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("points")
  void interrupt_atEachPoint_setsTheFlagAndEndsAll(Point point) throws InterruptedException {
    Signal started = Signal.create();
    Caller caller = Caller.start(() -> Grain.runCombine(() -> point.code().run(started), FOUR));
    started.await();

    caller.awaitBlocked().interrupt().join();

    assertThat(caller.thrown()).isInstanceOf(GrainInterruptedException.class);
    assertThat(caller.interrupted()).isTrue();
  }

  @Test
  void interrupt_beforeSubmit_isSeenByClose() throws InterruptedException {
    Signal interrupted = Signal.create();
    Caller caller =
        Caller.start(() ->
            Grain.runCombine(() -> {
              try (var wg = Grain.openWaitGroup()) {
                Thread.currentThread().interrupt();
                wg.submit(
                    cpu(1), WaitGroupFailureTest::untilInterrupted, Signal.create(), interrupted);
              }
            }));

    caller.join();

    assertThat(caller.thrown()).isInstanceOf(GrainInterruptedException.class);
    assertThat(caller.interrupted()).isTrue();
  }

  @Test
  void interrupt_ofASubtask_failsTheGroup() {
    Caller caller =
        Caller.start(() ->
            Grain.runCombine(() -> {
              try (var wg = Grain.openWaitGroup()) {
                wg.start(() -> {
                  Thread.currentThread().interrupt();
                  return Grain.exec(cpu(1), () -> 1);
                });
              }
            }));

    assertThat(joined(caller).thrown())
        .isInstanceOf(dev.grain.SubtaskFailedException.class)
        .hasCauseInstanceOf(GrainInterruptedException.class);
    assertThat(caller.interrupted()).isFalse();
  }

  private static Caller joined(Caller caller) {
    try {
      return caller.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  // ---- submit that waits for room in the queue

  /** A quarter of this is more than a queue takes beside one job. */
  private static byte[] largePart() {
    return new byte[Math.toIntExact(RunLimits.queuedBytes() / 3)];
  }

  static void hold(Signal release, byte[] part) throws InterruptedException {
    assertThat(part).isNotEmpty();
    release.await();
  }

  @Test
  void interrupt_ofASubmitThatWaitsForRoom_setsTheFlagAndEndsAll() throws InterruptedException {
    byte[] part = largePart();
    Signal full = Signal.create();
    Caller caller =
        Caller.start(() ->
            Grain.runCombine(
                () -> {
                  try (var wg = Grain.openWaitGroup()) {
                    IntStream.range(0, 3)
                        .forEach(
                            _ -> wg.submit(cpu(4), InterruptionTest::hold, Signal.create(), part));
                    full.fire();
                    wg.submit(cpu(4), InterruptionTest::hold, Signal.create(), part);
                    wg.submit(cpu(4), InterruptionTest::hold, Signal.create(), part);
                  }
                },
                FOUR));
    full.await();

    caller.awaitBlocked().interrupt().join();

    assertThat(caller.thrown())
        .isInstanceOf(GrainInterruptedException.class)
        .hasMessageContaining("room in the queue");
    assertThat(caller.interrupted()).isTrue();
  }

  @Test
  void failure_whileSubmitWaitsForRoom_wakesIt() throws InterruptedException {
    byte[] part = largePart();
    Signal full = Signal.create();
    Signal go = Signal.create();
    Caller caller =
        Caller.start(() ->
            Grain.runCombine(
                () -> {
                  try (var wg = Grain.openWaitGroup()) {
                    wg.submit(
                        cpu(1),
                        () -> {
                          go.await();
                          throw new IllegalArgumentException("enough");
                        });
                    IntStream.range(0, 3)
                        .forEach(
                            _ -> wg.submit(cpu(4), InterruptionTest::hold, Signal.create(), part));
                    full.fire();
                    wg.submit(cpu(4), InterruptionTest::hold, Signal.create(), part);
                    wg.submit(cpu(4), InterruptionTest::hold, Signal.create(), part);
                  }
                },
                FOUR));
    full.await();
    caller.awaitBlocked();
    go.fire();
    caller.join();

    assertThat(caller.thrown())
        .isInstanceOf(GroupCancelledException.class)
        .hasCauseInstanceOf(JobFailedException.class);
  }

  @Test
  void submit_thatWaitsForRoom_goesOnWhenAJobEnds() throws InterruptedException {
    byte[] part = largePart();
    Signal full = Signal.create();
    Signal release = Signal.create();
    Caller caller =
        Caller.start(() ->
            Grain.runCombine(
                () -> {
                  try (var wg = Grain.openWaitGroup()) {
                    for (int job = 0; job < 6; job++) {
                      if (job == 3) {
                        full.fire();
                      }
                      wg.submit(cpu(4), InterruptionTest::hold, release, part);
                    }
                  }
                },
                FOUR));
    full.await();
    caller.awaitBlocked();
    release.fire();
    caller.join();

    assertThat(caller.thrown()).isNull();
  }
}
