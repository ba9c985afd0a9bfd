package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** One function over many inputs. */
@ExtendWith(NothingLeft.class)
final class MapTest {
  private static final RunOptions FOUR = RunOptions.defaults().local(cpu(4));

  /** 0, 1, 2, ... without end; counts what was taken. */
  private static final class Endless implements Iterable<Integer> {
    private final AtomicInteger taken = new AtomicInteger();

    @Override
    public Iterator<Integer> iterator() {
      return Stream.generate(taken::getAndIncrement).iterator();
    }
  }

  static int oddOnly(int number) {
    if (number % 2 == 0) {
      throw new IllegalArgumentException("even");
    }
    return number * 10;
  }

  @Test
  void map_whateverEndsFirst_keepsTheOrder() {
    List<Integer> results =
        Grain.runCombine(
            () -> {
              Signal last = Signal.create();
              return Grain.map(
                  cpu(1),
                  each -> {
                    if (each == 0) {
                      last.await();
                    } else if (each == 9) {
                      last.fire();
                    }
                    return each * each;
                  },
                  IntStream.range(0, 10).boxed().toList());
            },
            FOUR);

    assertThat(results).containsExactly(0, 1, 4, 9, 16, 25, 36, 49, 64, 81);
  }

  @Test
  void map_ofNothing_isEmpty() {
    List<Integer> results =
        Grain.runCombine(() -> Grain.map(cpu(1), Math::abs, List.<Integer>of()));

    assertThat(results).isEmpty();
  }

  @Test
  void map_withNulls_keepsThem() {
    List<@Nullable String> results =
        Grain.runCombine(() ->
            Grain.map(
                cpu(1),
                (String each) -> each == null ? "was null" : null,
                Arrays.asList("a", null, "b")));

    assertThat(results).containsExactly(null, "was null", null);
  }

  @Test
  void map_withFailures_triesAllAndKeepsTheRest() {
    assertThatThrownBy(() ->
            Grain.runCombine(() -> Grain.map(cpu(1), MapTest::oddOnly, List.of(1, 2, 3, 4, 5))))
        .isInstanceOf(MapException.class)
        .hasMessageStartingWith("2 of 5 inputs failed: input 1 (2): Job ")
        .hasMessageContaining("input 3 (4): Job ")
        .satisfies(thrown -> {
          MapException failed = (MapException) thrown;
          assertThat(failed.failures()).containsOnlyKeys(1L, 3L);
          assertThat(failed.failures().get(1L))
              .isInstanceOf(JobFailedException.class)
              .hasCauseInstanceOf(IllegalArgumentException.class);
          assertThat(failed.successes())
              .containsExactlyEntriesOf(
                  new java.util.TreeMap<>(java.util.Map.of(0L, 10, 2L, 30, 4L, 50)));
          assertThat(failed.getCause()).isSameAs(failed.failures().get(1L));
          assertThat(failed.getSuppressed()).containsExactly(failed.failures().get(3L));
        });
  }

  /** Cannot be encoded where it holds a thread. */
  record Part(String name, @Nullable Thread maker) {
    @Override
    public String toString() {
      return name;
    }

    static final List<Part> THREE =
        List.of(
            new Part("a", null), new Part("broken", Thread.currentThread()), new Part("c", null));
  }

  private static void assertNamesTheInputThatCannotBeEncoded(Throwable thrown) {
    assertThat(thrown)
        .isInstanceOf(MapException.class)
        .hasMessageStartingWith("1 of 3 inputs failed: input 1 (broken): Job ")
        .hasMessageContaining("was not started: argument 1: ")
        .hasMessageContaining("Part.maker");
    assertThat(((MapException) thrown).failures())
        .containsOnlyKeys(1L)
        .hasEntrySatisfying(
            1L,
            failure ->
                assertThat(failure)
                    .isInstanceOf(JobNotStartedException.class)
                    .hasCauseInstanceOf(EncodingException.class));
  }

  @Test
  void map_withAnInputThatCannotBeEncoded_triesTheOthers() {
    assertThatThrownBy(() -> Grain.runCombine(() -> Grain.map(cpu(1), Part::name, Part.THREE)))
        .satisfies(MapTest::assertNamesTheInputThatCannotBeEncoded)
        .satisfies(thrown ->
            assertThat(((MapException) thrown).successes())
                .containsExactlyEntriesOf(
                    new java.util.TreeMap<>(java.util.Map.of(0L, "a", 2L, "c"))));
  }

  @Test
  void forEach_withAnInputThatCannotBeEncoded_triesTheOthers() {
    COUNT.set(0);
    assertThatThrownBy(() ->
            Grain.runCombine(
                () -> Grain.forEach(cpu(1), part -> count(part.name().length()), Part.THREE)))
        .satisfies(MapTest::assertNamesTheInputThatCannotBeEncoded);
    assertThat(COUNT).hasValue(2);
  }

  @Test
  void stream_withAnInputThatCannotBeEncoded_givesTheOthersAndThrowsAtItsEnd() {
    Grain.runCombine(() -> {
      List<String> seen = new ArrayList<>();
      try (Stream<String> names = Grain.stream(cpu(1), Part::name, Part.THREE)) {
        assertThatThrownBy(() -> names.forEach(seen::add))
            .satisfies(MapTest::assertNamesTheInputThatCannotBeEncoded);
      }
      assertThat(seen).containsExactlyInAnyOrder("a", "c");
    });
  }

  @Test
  void stream_closedEarlyAfterAnInputThatCannotBeEncoded_ends() {
    Grain.runCombine(() -> {
      try (Stream<String> names = Grain.stream(cpu(1), Part::name, Part.THREE)) {
        assertThat(names.limit(1)).hasSize(1);
      }
    });
  }

  @Test
  void map_withAFunctionThatCannotBeEncoded_throwsAtOnceAndTakesNoMore() {
    Endless inputs = new Endless();
    Thread captured = Thread.currentThread();
    assertThatThrownBy(() ->
            Grain.runCombine(
                () -> Grain.forEach(cpu(1), each -> count(each + captured.getPriority()), inputs)))
        .isInstanceOf(EncodingException.class)
        .hasMessageStartingWith(
            "capture 1 of the lambda in dev.grain.MapTest (java.lang.Thread) cannot be encoded");
    assertThat(inputs.taken).hasValue(1);
  }

  @Test
  void map_withManyFailures_namesTheFirstOfThem() {
    assertThatThrownBy(() ->
            Grain.runCombine(() -> Grain.map(cpu(1), MapTest::oddOnly, Collections.nCopies(25, 2))))
        .hasMessageContaining("25 of 25 inputs failed")
        .hasMessageContaining("input 9 (2)")
        .hasMessageNotContaining("input 10 (2)")
        .hasMessageEndingWith("and 15 more");
  }

  @Test
  void map_overInputsThatThrow_cancelsAndThrowsIt() {
    Signal interrupted = Signal.create();
    Signal started = Signal.create();
    Iterable<Integer> broken =
        () ->
            new Iterator<>() {
              private int next;

              @Override
              public boolean hasNext() {
                return true;
              }

              @Override
              public Integer next() {
                if (next == 1) {
                  started.awaitThroughInterrupts();
                  throw new NoSuchElementException("broken");
                }
                return next++;
              }
            };
    assertThatThrownBy(() ->
            Grain.runCombine(() ->
                Grain.map(
                    cpu(1),
                    each -> {
                      WaitGroupFailureTest.untilInterrupted(started, interrupted);
                      return each;
                    },
                    broken)))
        .isInstanceOf(NoSuchElementException.class)
        .hasMessage("broken");
    assertThat(interrupted.fired()).isTrue();
  }

  @Test
  void forEach_runsEveryInput() {
    COUNT.set(0);
    Grain.runCombine(
        () -> Grain.forEach(cpu(1), MapTest::count, IntStream.range(0, 3000).boxed().toList()));

    assertThat(COUNT).hasValue(3000);
  }

  private static final AtomicInteger COUNT = new AtomicInteger();

  static void count(int number) {
    assertThat(number).isNotNegative();
    COUNT.incrementAndGet();
  }

  @Test
  void forEach_withJobsThatRunLong_fillsEverySlotBeforeAnyEnds() {
    Grain.runCombine(
        () -> {
          Signal allStarted = Signal.create(4);
          Grain.forEach(
              cpu(1),
              each -> {
                allStarted.fire();
                allStarted.await();
              },
              List.of(0, 1, 2, 3));
        },
        FOUR);
  }

  @Test
  void forEach_withFailures_namesThemAndKeepsNoValues() {
    assertThatThrownBy(
            () -> Grain.runCombine(() -> Grain.forEach(cpu(1), MapTest::oddOnly, List.of(1, 2, 3))))
        .isInstanceOf(MapException.class)
        .hasMessageStartingWith("1 of 3 inputs failed: input 1 (2)")
        .satisfies(thrown -> assertThat(((MapException) thrown).successes()).isEmpty());
  }

  @Test
  void forEach_withManyFailures_keepsTheFirst_andCountsAll() {
    List<Integer> even = Stream.iterate(0, each -> each + 2).limit(500).toList();
    assertThatThrownBy(() -> Grain.runCombine(() -> Grain.forEach(cpu(1), MapTest::oddOnly, even)))
        .isInstanceOf(MapException.class)
        .hasMessageStartingWith("500 of 500 inputs failed: input ")
        .hasMessageEndingWith("; and 490 more")
        .satisfies(thrown -> assertThat(((MapException) thrown).failures()).hasSize(101));
  }

  // ---- streams

  @Test
  void stream_ofEndlessInputs_takesAWindowOfThem() {
    Endless inputs = new Endless();
    List<Integer> results =
        Grain.runCombine(() -> {
          try (Stream<Integer> squares = Grain.stream(cpu(1), each -> each * each, inputs)) {
            return squares.limit(100).toList();
          }
        });

    assertThat(results).hasSize(100).doesNotHaveDuplicates();
    assertThat(inputs.taken.get()).isBetween(100, 100 + RunLimits.MAP_WINDOW);
  }

  @Test
  void stream_handsOutWhatEndsFirst() {
    Grain.runCombine(
        () -> {
          Signal go = Signal.create();
          try (Stream<Integer> results =
              Grain.stream(
                  cpu(1),
                  each -> {
                    if (each == 0) {
                      go.await();
                    }
                    return each;
                  },
                  List.of(0, 1))) {
            List<Integer> order = new ArrayList<>();
            results.forEach(each -> {
              order.add(each);
              go.fire();
            });
            assertThat(order).containsExactly(1, 0);
          }
        },
        FOUR);
  }

  @Test
  void stream_closedEarly_cancelsWhatIsOnItsWay() throws InterruptedException {
    Signal interrupted = Signal.create();
    Grain.runCombine(
        () -> {
          Signal started = Signal.create();
          try (Stream<Integer> results =
              Grain.stream(
                  cpu(1),
                  each -> {
                    if (each == 1) {
                      WaitGroupFailureTest.untilInterrupted(started, interrupted);
                    }
                    return each;
                  },
                  List.of(0, 1))) {
            assertThat(results.limit(1).toList()).containsExactly(0);
            started.await();
          }
          interrupted.await();
        },
        FOUR);
  }

  @Test
  void stream_withFailures_throwsAtItsEnd() {
    Grain.runCombine(() -> {
      List<Integer> seen = new ArrayList<>();
      try (Stream<Integer> results = Grain.stream(cpu(1), MapTest::oddOnly, List.of(1, 2, 3))) {
        assertThatThrownBy(() -> results.forEach(seen::add))
            .isInstanceOf(MapException.class)
            .hasMessageStartingWith("1 of 3 inputs failed: input 1 (2)");
      }
      assertThat(seen).containsExactlyInAnyOrder(10, 30);
    });
  }

  @Test
  void stream_withNulls_keepsThem() {
    Grain.runCombine(() -> {
      try (Stream<@Nullable Integer> results = Grain.stream(cpu(1), _ -> null, List.of(1, 2, 3))) {
        assertThat(results.toList()).containsExactly(null, null, null);
      }
    });
  }

  @Test
  void stream_thatIsNeverConsumed_takesNoInput() {
    Endless inputs = new Endless();
    Grain.runCombine(() -> {
      Grain.stream(cpu(1), Math::abs, inputs).close();
    });

    assertThat(inputs.taken).hasValue(0);
  }

  /** Gives inputs when they are there, as a socket or a terminal does. */
  private static final class Arriving implements Iterable<Integer> {
    private final BlockingQueue<Integer> queue = new LinkedBlockingQueue<>();
    private final CountDownLatch interrupted = new CountDownLatch(1);

    @Override
    public Iterator<Integer> iterator() {
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return true;
        }

        @Override
        public Integer next() {
          try {
            return queue.take();
          } catch (InterruptedException e) {
            interrupted.countDown();
            throw new IllegalStateException(e);
          }
        }
      };
    }
  }

  @Test
  void stream_whoseNextInputIsNotThereYet_givesTheResultsThatAre() throws InterruptedException {
    Arriving inputs = new Arriving();
    Grain.runCombine(() -> {
      try (Stream<Integer> squares = Grain.stream(cpu(1), each -> each * each, inputs)) {
        Iterator<Integer> results = squares.iterator();
        for (int number = 1; number <= 3; number++) {
          inputs.queue.add(number);
          assertThat(results.next()).isEqualTo(number * number);
        }
      }
    });
    inputs.interrupted.await();
  }

  @Test
  void stream_interrupted_throws_andTakesNoMoreInputs() {
    Arriving inputs = new Arriving();
    Grain.runCombine(() -> {
      try (Stream<Integer> squares = Grain.stream(cpu(1), Math::abs, inputs)) {
        Thread.currentThread().interrupt();
        assertThatThrownBy(squares::toList).isInstanceOf(GrainInterruptedException.class);
        assertThat(Thread.interrupted()).isTrue();
      }
    });
  }

  @Test
  void stream_neverClosed_leavesNothingWhenTheRunEnds() throws InterruptedException {
    Arriving inputs = new Arriving();
    Grain.runCombine(() -> {
      inputs.queue.add(7);
      Stream<Integer> left = Grain.stream(cpu(1), Math::abs, inputs);
      assertThat(left.iterator().next()).isEqualTo(7);
    });
    inputs.interrupted.await();
  }

  @Test
  void stream_overInputsThatThrow_throwsIt() {
    Iterable<Integer> broken =
        () ->
            Stream.of(1, 2, 3)
                .map(each -> {
                  if (each == 2) {
                    throw new NoSuchElementException("broken");
                  }
                  return each;
                })
                .iterator();
    Grain.runCombine(() -> {
      try (Stream<Integer> results = Grain.stream(cpu(1), Math::abs, broken)) {
        assertThatThrownBy(results::toList)
            .isInstanceOf(NoSuchElementException.class)
            .hasMessage("broken");
      }
    });
  }

  @Test
  void stream_overInputsThatUseTheRun_findsIt() {
    Iterable<Integer> halves =
        () -> Stream.of(2, 4, 6).map(each -> Grain.exec(cpu(1), () -> each / 2)).iterator();
    Grain.runCombine(() -> {
      try (Stream<Integer> results = Grain.stream(cpu(1), each -> each * 10, halves)) {
        assertThat(results.toList()).containsExactlyInAnyOrder(10, 20, 30);
      }
    });
  }

  @Test
  void stream_ofLargeResults_takesNoMoreInputsThanTheHeapHasRoomFor() {
    int size = Math.toIntExact(RunLimits.waitingResults() / 4);
    AtomicInteger taken = new AtomicInteger();
    Iterable<Integer> inputs =
        () -> Stream.generate(() -> size + 0 * taken.incrementAndGet()).limit(12).iterator();
    Grain.runCombine(
        () -> {
          try (Stream<byte[]> results = Grain.stream(cpu(1), byte[]::new, inputs)) {
            Iterator<byte[]> each = results.iterator();
            int consumed = 0;
            while (each.hasNext()) {
              assertThat(each.next()).hasSize(size);
              consumed++;
              assertThat(taken.get() - consumed).isLessThanOrEqualTo(4);
            }
            assertThat(consumed).isEqualTo(12);
          }
        },
        RunOptions.defaults().local(cpu(1)));
  }
}
