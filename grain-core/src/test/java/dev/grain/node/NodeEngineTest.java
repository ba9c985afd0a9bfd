package dev.grain.node;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.memory;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.Allocation;
import dev.grain.Resource;
import dev.grain.bytes.Bytes;
import dev.grain.loop.ManualLoop;
import dev.grain.message.AttemptEnd;
import dev.grain.message.CodeRef;
import dev.grain.message.Order;
import dev.grain.message.Orders;
import dev.grain.node.prepare.Ready;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Offer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Starting, stopping and ending jobs on one node, on a virtual clock. */
final class NodeEngineTest {
  private static final long GRACE = 10_000;
  private static final AttemptEnd VALUE = new AttemptEnd.Value(Bytes.empty());

  /** What the runner received about a job. */
  private static final class Running implements JobRunner.Running {
    final Allocation allocation;
    final JobRunner.Events events;
    int interrupts;
    // null if work of its kind cannot be killed
    @Nullable Integer kills;

    Running(Allocation allocation, JobRunner.Events events) {
      this.allocation = allocation;
      this.events = events;
    }

    @Override
    public void stop() {
      interrupts++;
    }

    @Override
    public boolean kill() {
      kills = kills == null ? null : kills + 1;
      return kills != null;
    }
  }

  private final ManualLoop loop = new ManualLoop();
  private final Map<Long, Running> runs = new HashMap<>();
  private final Deque<String> told = new ArrayDeque<>();
  // what happens at the same time on the loop
  private final Map<Long, Runnable> duringStart = new HashMap<>();
  private boolean congested;
  private final NodeEngine engine =
      new NodeEngine(
          "node", Offer.of(cpu(4).and(memory("8GiB")), Offer.EMPTY), loop, new EngineLimits(2, 8));

  private final JobSource source =
      new JobSource() {
        @Override
        public boolean isCongested() {
          return congested;
        }

        @Override
        public void onStarted(NodeJob job, Fractions fractions) {
          told.add("started " + job.order().job());
        }

        @Override
        public void onEnded(NodeJob job, AttemptEnd end, long ran) {
          String how = end.getClass().getSimpleName();
          told.add("ended %s: %s after %s".formatted(job.order().job(), how, ran));
        }

        @Override
        public void onReturned(NodeJob job) {
          told.add("returned " + job.order().job());
        }

        @Override
        public void onDraining() {
          told.add("draining");
        }

        @Override
        public void onNotStopping(NodeJob job, boolean timedOut) {
          told.add("not stopping %s%s".formatted(job.order().job(), timedOut ? ", late" : ""));
        }

        @Override
        public void onOutput(NodeJob job, Bytes text, boolean error) {
          String words = text(text);
          told.add("printed %s%s: %s".formatted(job.order().job(), error ? " error" : "", words));
        }

        @Override
        public void onOutputLeftOut(NodeJob job, long bytes, boolean error) {
          told.add("left out of %s: %s".formatted(job.order().job(), bytes));
        }

        @Override
        public void flush() {
          told.add("flush");
        }
      };

  private final Intake intake =
      NodeProbe.intake(
          engine,
          source,
          (order, allocation, _, events) -> {
            Running run = new Running(allocation, events);
            runs.put(order.job(), run);
            duringStart.getOrDefault(order.job(), () -> {}).run();
            if (order.attempt() > 1) {
              told.add("runs " + order.job());
            }
            return run;
          });

  @AfterEach
  void nothingElse_wasTold() {
    assertThat(told).isEmpty();
    engine.checkInvariants();
  }

  @Test
  void add_severalJobs_startsThoseThatFitInTheOrderOfArrival() {
    add(1, cpu(2));
    add(2, cpu(3));
    add(3, cpu(1));
    add(4, cpu(1));
    batch();
    expect("started 1", "started 3", "started 4", "flush");
    assertThat(running(1).allocation.cores()).containsExactly(0, 1);
    assertThat(running(3).allocation.cores()).containsExactly(2);
    assertThat(running(4).allocation.cores()).containsExactly(3);

    loop.pass(50);
    end(1, VALUE);
    expect("ended 1: Value after 50", "flush");
    end(3, VALUE);
    expect("ended 3: Value after 50", "started 2", "flush");
  }

  @Test
  void batchEnded_manySmallJobs_letsOnlySoManyPassTheOneThatWaitsLongest() {
    add(1, cpu(1));
    batch();
    expect("started 1", "flush");
    add(2, cpu(4));
    add(3, cpu(1));
    add(4, cpu(1));
    add(5, cpu(1));
    batch();
    expect("started 3", "started 4", "flush");
    for (long job : List.of(3L, 4L, 1L)) {
      end(job, VALUE);
      expect("ended %s: Value after 0".formatted(job));
      expect(job == 1 ? List.of("started 2", "flush") : List.of("flush"));
    }
    end(2, VALUE);
    expect("ended 2: Value after 0", "started 5", "flush");
  }

  @Test
  void batchEnded_moreThanAreLookedAt_startsTheRestLater() {
    add(0, cpu(3));
    batch();
    for (int job = 1; job <= 8; job++) {
      add(job, cpu(2).and(memory(8L << 30)));
    }
    add(9, cpu(1));
    batch();
    expect("started 0", "flush");
    end(0, VALUE);
    expect("ended 0: Value after 0", "started 1", "started 9", "flush");
  }

  @Test
  void alone_needsTheNodeToItself() {
    add(1, cpu(1));
    add(2, cpu(1), 0, true);
    add(3, cpu(1));
    batch();
    expect("started 1", "started 3", "flush");
    end(1, VALUE);
    expect("ended 1: Value after 0", "flush");
    end(3, VALUE);
    expect("ended 3: Value after 0", "started 2", "flush");
    add(4, cpu(1));
    batch();
    end(2, VALUE);
    expect("ended 2: Value after 0", "started 4", "flush");
  }

  @Test
  void timeLimit_jobThatStops_endsAsTimedOut() {
    add(1, cpu(1), 1_000, false);
    batch();
    expect("started 1", "flush");
    loop.pass(999);
    assertThat(running(1).interrupts).isZero();
    loop.pass(1);
    assertThat(running(1).interrupts).isEqualTo(1);
    loop.pass(5);
    end(1, new AttemptEnd.Failure(Bytes.empty(), "failed"));
    expect("ended 1: TimedOut after 1005", "flush");
    loop.pass(10 * GRACE);
  }

  @Test
  void timeLimit_isCountedFromTheStart() {
    add(1, cpu(4));
    add(2, cpu(1), 1_000, false);
    batch();
    expect("started 1", "flush");
    loop.pass(5_000);
    end(1, VALUE);
    expect("ended 1: Value after 5000", "started 2", "flush");
    loop.pass(999);
    end(2, VALUE);
    expect("ended 2: Value after 999", "flush");
    loop.pass(10 * GRACE);
  }

  @Test
  void timeLimit_jobThatIgnoresIt_isReportedAfterTheGraceAndKeepsItsSlots() {
    add(1, cpu(4), 1_000, false);
    add(2, cpu(1));
    batch();
    expect("started 1", "flush");
    loop.pass(1_000 + GRACE);
    expect("not stopping 1, late", "flush");
    assertThat(engine.startedCount()).isEqualTo(1);
    loop.pass(10 * GRACE);
    end(1, VALUE);
    expect("ended 1: TimedOut after " + (1_000 + 11 * GRACE), "started 2", "flush");
  }

  @Test
  void stop_beforeTheStart_endsItWithoutAStart() {
    add(1, cpu(4));
    NodeJob waiting = add(2, cpu(1));
    batch();
    expect("started 1", "flush");
    engine.stop(waiting);
    batch();
    expect("ended 2: Cancelled after 0", "flush");
  }

  @Test
  void stop_ofTheOneThatBarsOthers_letsThemStart() {
    add(1, cpu(3));
    NodeJob large = add(2, cpu(4));
    large.overtaken = 2;
    add(3, cpu(1));
    batch();
    expect("started 1", "flush");
    engine.stop(large);
    batch();
    expect("ended 2: Cancelled after 0", "started 3", "flush");
  }

  @Test
  void stop_running_interruptsItOnce() {
    NodeJob job = add(1, cpu(1));
    batch();
    expect("started 1", "flush");
    engine.stop(job);
    engine.stop(job);
    assertThat(running(1).interrupts).isEqualTo(1);
    loop.pass(7);
    end(1, new AttemptEnd.Failure(Bytes.empty(), "failed"));
    expect("ended 1: Cancelled after 7", "flush");
    engine.stop(job);
    loop.pass(10 * GRACE);
  }

  @Test
  void stop_ignored_isReportedOnceAfterTheGrace() {
    NodeJob job = add(1, cpu(1));
    batch();
    expect("started 1", "flush");
    engine.stop(job);
    loop.pass(GRACE - 1);
    assertThat(told).isEmpty();
    loop.pass(1);
    expect("not stopping 1", "flush");
    loop.pass(10 * GRACE);
    end(1, VALUE);
    expect("ended 1: Cancelled after " + 11 * GRACE, "flush");
  }

  @Test
  void stop_ignoredByJobsOfDifferentGraces_isReportedAfterTheGraceOfEach() {
    NodeJob patient = add(1, 1, cpu(1), new Order.Limits(0, 3 * GRACE), false);
    NodeJob impatient = add(2, 1, cpu(1), new Order.Limits(0, GRACE), false);
    batch();
    expect("started 1", "started 2", "flush");
    engine.stop(patient);
    engine.stop(impatient);
    loop.pass(GRACE);
    expect("not stopping 2", "flush");
    loop.pass(2 * GRACE - 1);
    assertThat(told).isEmpty();
    loop.pass(1);
    expect("not stopping 1", "flush");
  }

  @Test
  void stop_ignoredByWhatCanBeKilled_killsIt_andItsSlotsComeBackWithItsEnd() {
    NodeJob killable = add(1, cpu(2));
    add(2, cpu(2), 1_000, false);
    add(3, cpu(4));
    batch();
    expect("started 1", "started 2", "flush");
    running(1).kills = 0;
    engine.stop(killable);
    loop.pass(GRACE - 1);
    assertThat(running(1).kills).isZero();
    loop.pass(1);
    assertThat(running(1).kills).isEqualTo(1);
    assertThat(told).isEmpty();
    assertThat(engine.startedCount()).isEqualTo(2);
    end(1, new AttemptEnd.Failure(Bytes.empty(), "failed"));
    expect("ended 1: Cancelled after " + GRACE, "flush");
    loop.pass(1_000);
    expect("not stopping 2, late", "flush");
    end(2, VALUE);
    expect("ended 2: TimedOut after " + (1_000 + GRACE), "started 3", "flush");
  }

  @Test
  void start_ofWorkThatNobodyRuns_endsAsNotStarted_andSaysSo() {
    List<AttemptEnd> ends = new ArrayList<>();
    Runners.NONE.start(
        Orders.of(1, Demand.of(cpu(1))),
        new Allocation(List.of(0), List.of(), 0, Map.of("cpu", 1.0), "here"),
        Ready.NOTHING,
        new JobRunner.Events() {
          @Override
          public void ended(AttemptEnd end) {
            throw new AssertionError(end);
          }

          @Override
          public void notRun(AttemptEnd why) {
            ends.add(why);
          }

          @Override
          public void printed(Bytes text, boolean error) {
            throw new AssertionError(text);
          }
        });
    assertThat(ends)
        .containsExactly(new AttemptEnd.NotStarted("cannot run work of the kind \"call\""));
  }

  @Test
  void printed_whileTheSourceIsCongested_isLeftOutAndCounted() {
    add(1, cpu(1));
    batch();
    expect("started 1", "flush");
    congested = true;
    print(1, "lost", false);
    print(1, "too", false);
    loop.pass(0);
    expect("flush");
    congested = false;
    print(1, "seen", true);
    loop.pass(0);
    expect("left out of 1: 7", "printed 1 error: seen", "flush");
    end(1, VALUE);
    expect("ended 1: Value after 0", "flush");
  }

  @Test
  void stop_afterTheTimeLimit_countsAsAsked() {
    NodeJob job = add(1, cpu(1), 1_000, false);
    batch();
    expect("started 1", "flush");
    loop.pass(1_000);
    engine.stop(job);
    assertThat(running(1).interrupts).isEqualTo(1);
    loop.pass(GRACE);
    expect("not stopping 1", "flush");
    end(1, VALUE);
    expect("ended 1: Cancelled after " + (1_000 + GRACE), "flush");
  }

  @Test
  void printed_isToldBeforeTheEnd() {
    add(1, cpu(1));
    batch();
    expect("started 1", "flush");
    print(1, "one", false);
    print(1, "two", true);
    running(1).events.ended(VALUE);
    loop.pass(0);
    expect("printed 1: one", "printed 1 error: two", "ended 1: Value after 0", "flush");
  }

  @Test
  void printed_afterTheEnd_isDropped() {
    add(1, cpu(1));
    batch();
    expect("started 1", "flush");
    end(1, VALUE);
    expect("ended 1: Value after 0", "flush");
    print(1, "late", false);
    loop.pass(0);
  }

  @Test
  void ended_twice_isAnError() {
    add(1, cpu(1));
    batch();
    expect("started 1", "flush");
    end(1, VALUE);
    expect("ended 1: Value after 0", "flush");
    assertThatThrownBy(() -> end(1, VALUE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("job 1, attempt 1 ended, but it was not running");
  }

  @Test
  void takeBack_waiting_removesIt() {
    add(1, cpu(4));
    NodeJob waiting = add(2, cpu(4));
    batch();
    expect("started 1", "flush");
    assertThat(engine.takeBack(waiting)).isTrue();
    assertThat(engine.takeBack(waiting)).isFalse();
    end(1, VALUE);
    expect("ended 1: Value after 0", "flush");
  }

  @Test
  void takeBack_started_isRefused() {
    NodeJob job = add(1, cpu(4));
    batch();
    expect("started 1", "flush");
    assertThat(engine.takeBack(job)).isFalse();
    assertThat(engine.startedCount()).isEqualTo(1);
  }

  @Test
  void stopAll_ofASource_returnsWhatWaitsAndInterruptsWhatRuns() {
    add(1, cpu(4));
    add(2, cpu(4));
    batch();
    expect("started 1", "flush");
    engine.stopAll(source);
    batch();
    expect("returned 2");
    assertThat(running(1).interrupts).isEqualTo(1);
    end(1, VALUE);
    expect("ended 1: Cancelled after 0", "flush");
  }

  @Test
  void start_whileItsSourceIsCongested_waits() {
    congested = true;
    add(1, cpu(1));
    batch();
    assertThat(engine.startedCount()).isZero();
    congested = false;
    batch();
    expect("started 1", "flush");
  }

  @Test
  void drain_givesBackWhatHasNotStarted_andLetsTheRestEnd() {
    engine.attach(source);
    add(1, cpu(4));
    add(2, cpu(1));
    add(3, cpu(1));
    batch();
    expect("started 1", "flush");
    engine.drain(() -> told.add("idle"));
    engine.drain(() -> told.add("idle again"));
    expect("draining", "returned 2", "returned 3", "flush");
    assertThat(engine.startedCount()).isEqualTo(1);
    add(4, cpu(1));
    batch();
    expect("returned 4", "flush");
    end(1, VALUE);
    expect("ended 1: Value after 0", "flush", "idle");
    assertThat(engine.startedCount()).isZero();
  }

  @Test
  void attach_toANodeThatDrains_isToldAtOnce() {
    engine.drain(() -> {});
    engine.attach(source);
    batch();
    expect("draining", "flush");
  }

  @Test
  void stopAll_ofASource_tellsItNothingMore() {
    engine.attach(source);
    engine.stopAll(source);
    engine.drain(() -> {});
  }

  // ---------------------------------------------------------------- hand-off

  @Test
  void ended_anotherThatAsksForTheSameWaits_takesOverItsSlotsAtOnce() {
    add(1, cpu(4));
    add(2, cpu(4));
    add(3, cpu(4));
    batch();
    expect("started 1", "flush");
    loop.pass(10);
    running(1).events.ended(VALUE);
    assertThat(running(2).allocation).isSameAs(running(1).allocation);
    running(2).events.ended(VALUE);
    assertThat(runs).containsKey(3L);
    loop.pass(5);
    expect("ended 1: Value after 10", "started 2", "ended 2: Value after 0", "started 3", "flush");
    end(3, VALUE);
    expect("ended 3: Value after 5", "flush");
  }

  @Test
  void ended_othersWaitThatAskForSomethingElse_letsOnlySoManyPassTheOneThatWaitsLongest() {
    add(1, cpu(1));
    add(2, cpu(4));
    for (int job = 3; job <= 9; job++) {
      add(job, cpu(1));
    }
    batch();
    expect("started 1", "started 3", "started 4", "flush");
    List.of(1L, 3L, 4L).forEach(job -> running(job).events.ended(VALUE));
    loop.pass(0);
    assertThat(engine.startedCount()).isEqualTo(1);
    assertThat(told).contains("started 2").doesNotContain("started 5");
    told.clear();
  }

  @Test
  void ended_afterARunOfTheSame_givesOthersTheirTurn() {
    add(1, cpu(2));
    add(2, cpu(2));
    add(3, cpu(2));
    add(4, cpu(3));
    add(5, cpu(2));
    add(6, cpu(2));
    batch();
    expect("started 1", "started 2", "flush");
    running(1).events.ended(VALUE);
    running(2).events.ended(VALUE);
    assertThat(runs.keySet()).containsExactlyInAnyOrder(1L, 2L, 3L, 5L);
    running(3).events.ended(VALUE);
    running(5).events.ended(VALUE);
    assertThat(runs).containsKey(6L);
    running(6).events.ended(VALUE);
    loop.pass(0);
    assertThat(told).endsWith("started 4", "flush");
    told.clear();
  }

  @Test
  void ended_lastOfARun_startsWhatFitsThenAtOnce() {
    add(1, cpu(2));
    add(2, cpu(2));
    add(3, cpu(4));
    add(4, cpu(3));
    batch();
    expect("started 1", "started 2", "flush");
    running(1).events.ended(VALUE);
    assertThat(runs).doesNotContainKeys(3L, 4L);
    running(2).events.ended(VALUE);
    assertThat(running(3).allocation.cores()).containsExactly(0, 1, 2, 3);
    assertThat(runs).doesNotContainKey(4L);
    running(3).events.ended(VALUE);
    assertThat(running(4).allocation.cores()).containsExactly(0, 1, 2);
    loop.pass(0);
    expect("ended 1: Value after 0", "ended 2: Value after 0", "started 3");
    expect("ended 3: Value after 0", "started 4", "flush");
    end(4, VALUE);
    expect("ended 4: Value after 0", "flush");
  }

  @Test
  void ended_manyOnOfferBehindOneThatAsksForSomethingElse_letsOnlySoManyPassIt() {
    add(1, cpu(4));
    add(2, cpu(4));
    add(3, cpu(3));
    for (int job = 4; job <= 9; job++) {
      add(job, cpu(4));
    }
    batch();
    expect("started 1", "flush");
    for (long job : List.of(1L, 2L, 4L, 5L)) {
      running(job).events.ended(VALUE);
    }
    assertThat(runs).containsKey(3L).doesNotContainKey(6L);
    loop.pass(0);
    assertThat(told).endsWith("started 3", "flush");
    told.clear();
  }

  @Test
  void ended_theOneThatBarredOthersHasBegun_letsThemStart() {
    add(1, cpu(4));
    add(2, cpu(4));
    for (int job = 3; job <= 5; job++) {
      add(job, memory("1MiB"));
    }
    batch();
    expect("started 1", "started 3", "started 4", "flush");
    running(1).events.ended(VALUE);
    assertThat(runs).containsKeys(2L, 5L);
    loop.pass(0);
    expect("ended 1: Value after 0", "started 2", "started 5", "flush");
  }

  @Test
  void takeBack_ofOneOnOffer_isGranted_andOfOneThatTookOver_refused() {
    add(1, cpu(4));
    NodeJob second = add(2, cpu(4));
    NodeJob third = add(3, cpu(4));
    batch();
    expect("started 1", "flush");
    running(1).events.ended(VALUE);
    assertThat(engine.takeBack(second)).isFalse();
    assertThat(engine.takeBack(third)).isTrue();
    loop.pass(0);
    expect("ended 1: Value after 0", "started 2", "flush");
    end(2, VALUE);
    expect("ended 2: Value after 0", "flush");
  }

  @Test
  void stop_ofOneThatTookOverUnheard_interruptsItWhenTheLoopHears() {
    add(1, cpu(4));
    NodeJob second = add(2, cpu(4));
    batch();
    expect("started 1", "flush");
    running(1).events.ended(VALUE);
    engine.stop(second);
    loop.pass(0);
    expect("ended 1: Value after 0", "started 2", "flush");
    assertThat(running(2).interrupts).isEqualTo(1);
    loop.pass(GRACE);
    expect("not stopping 2", "flush");
    end(2, VALUE);
    expect("ended 2: Cancelled after " + GRACE, "flush");
  }

  @Test
  void stop_ofOneThatIsAboutToRun_killsItWhenItRunsAndGoesOn() {
    add(1, cpu(4));
    NodeJob second = add(2, cpu(4));
    batch();
    expect("started 1", "flush");
    duringStart.put(
        2L,
        () -> {
          running(2).kills = 0;
          engine.stop(second);
          loop.pass(2_000_000);
        });
    running(1).events.ended(VALUE);
    expect("ended 1: Value after 0", "started 2", "flush");
    assertThat(running(2).interrupts).isEqualTo(1);
    assertThat(running(2).kills).isZero();
    loop.pass(1_000_000);
    assertThat(running(2).kills).isEqualTo(1);
    end(2, new AttemptEnd.Failure(Bytes.empty(), "failed"));
    expect("ended 2: Cancelled after 3000000", "flush");
  }

  @Test
  void stopAll_whileOneTookOverUnheard_stopsThatToo() {
    add(1, cpu(4));
    add(2, cpu(4));
    add(3, cpu(4));
    batch();
    expect("started 1", "flush");
    running(1).events.ended(VALUE);
    engine.stopAll(source);
    expect("returned 3");
    loop.pass(0);
    expect("ended 1: Cancelled after 0", "started 2", "flush");
    assertThat(running(2).interrupts).isEqualTo(1);
    end(2, VALUE);
    expect("ended 2: Cancelled after 0", "flush");
  }

  @Test
  void timeLimit_ofOneThatTookOver_isCountedFromItsOwnStart() {
    add(1, cpu(4));
    add(2, cpu(4), 1_000, false);
    batch();
    expect("started 1", "flush");
    loop.pass(700);
    end(1, VALUE);
    expect("ended 1: Value after 700", "started 2", "flush");
    loop.pass(999);
    assertThat(running(2).interrupts).isZero();
    loop.pass(1);
    assertThat(running(2).interrupts).isEqualTo(1);
    end(2, VALUE);
    expect("ended 2: TimedOut after 1000", "flush");
  }

  @Test
  void laterAttempt_neverTakesOver_andBeginsAfterTheHeadWasTold() {
    add(1, cpu(4));
    add(2, 2, cpu(4));
    batch();
    expect("started 1", "flush");
    running(1).events.ended(VALUE);
    assertThat(runs).doesNotContainKey(2L);
    loop.pass(0);
    expect("ended 1: Value after 0", "started 2", "flush", "runs 2");
    end(2, VALUE);
    expect("ended 2: Value after 0", "flush");
  }

  @Test
  void ended_whileTheSourceIsCongested_handsNothingOver() {
    engine.attach(source);
    add(1, cpu(4));
    add(2, cpu(4));
    batch();
    expect("started 1", "flush");
    congested = true;
    batch();
    end(1, VALUE);
    assertThat(runs).doesNotContainKey(2L);
    expect("ended 1: Value after 0", "flush");
    congested = false;
    batch();
    expect("started 2", "flush");
    end(2, VALUE);
    expect("ended 2: Value after 0", "flush");
  }

  @Test
  void drain_givesBackWhatIsOnOffer() {
    engine.attach(source);
    add(1, cpu(4));
    add(2, cpu(4));
    add(3, cpu(4));
    batch();
    expect("started 1", "flush");
    running(1).events.ended(VALUE);
    engine.drain(() -> told.add("idle"));
    expect("draining", "returned 3", "flush");
    loop.pass(0);
    expect("ended 1: Value after 0", "started 2", "flush");
    end(2, VALUE);
    expect("ended 2: Value after 0", "flush", "idle");
  }

  @Test
  void notRun_releasesTheSlots_andHandsNothingOver() {
    add(1, cpu(4));
    add(2, cpu(4));
    batch();
    expect("started 1", "flush");
    running(1).events.notRun(new AttemptEnd.Failure(Bytes.empty(), "failed"));
    assertThat(runs).doesNotContainKey(2L);
    loop.pass(0);
    expect("ended 1: Failure after 0", "started 2", "flush");
    end(2, VALUE);
    expect("ended 2: Value after 0", "flush");
  }

  // ---------------------------------------------------------------- steps

  private NodeJob add(long number, Resource resource) {
    return add(number, resource, 0, false);
  }

  private NodeJob add(long number, int attempt, Resource resource) {
    return add(number, attempt, resource, 0, false);
  }

  private NodeJob add(long number, Resource resource, long timeLimit, boolean alone) {
    return add(number, 1, resource, timeLimit, alone);
  }

  private NodeJob add(long number, int attempt, Resource resource, long timeLimit, boolean alone) {
    return add(number, attempt, resource, new Order.Limits(timeLimit, GRACE), alone);
  }

  private NodeJob add(
      long number, int attempt, Resource resource, Order.Limits limits, boolean alone) {
    Order.Spec spec = Orders.spec(Demand.of(resource), limits, CodeRef.OWN);
    NodeJob job = new NodeJob(Orders.of(number, attempt, alone, spec, Bytes.empty()), intake);
    engine.add(job);
    return job;
  }

  private void batch() {
    engine.batchEnded();
    engine.checkInvariants();
  }

  private Running running(long job) {
    return runs.get(job);
  }

  private void end(long job, AttemptEnd end) {
    running(job).events.ended(end);
    loop.pass(0);
    engine.checkInvariants();
  }

  private void print(long job, String text, boolean error) {
    running(job).events.printed(Bytes.of(text.getBytes(StandardCharsets.UTF_8)), error);
  }

  private static String text(Bytes text) {
    return new String(text.single(), StandardCharsets.UTF_8);
  }

  private void expect(String... lines) {
    expect(List.of(lines));
  }

  private void expect(List<String> lines) {
    List<String> first = new ArrayList<>();
    for (int left = lines.size(); left > 0 && !told.isEmpty(); left--) {
      first.add(told.removeFirst());
    }
    assertThat(first).isEqualTo(lines);
  }
}
