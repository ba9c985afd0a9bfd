package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What priorities do to the jobs of a run; the scheduler has tests of its own. */
@ExtendWith(NothingLeft.class)
final class PriorityTest {
  private static final RunOptions ONE = RunOptions.defaults().local(cpu(1));

  // counted up by the jobs of all tests: which started first
  private static final AtomicLong STARTED = new AtomicLong();

  /** Jobs that all wait until they are released. */
  private static final class Waiting {
    private final GrainExecutor grain;
    private final Signal release = Signal.create();
    private final Map<String, Job<Long>> jobs = new LinkedHashMap<>();

    /** Occupies the only core, and the place of the job that is sent ahead. */
    Waiting(GrainExecutor grain) throws InterruptedException {
      this.grain = grain;
      Signal started = Signal.create();
      Signal release = this.release;
      grain.submit(cpu(1), () -> started.fireAndAwait(release));
      started.await();
      Job<Long> ahead = grain.submit(JobOptions.of(cpu(1)).priority(1e6), STARTED::incrementAndGet);
      // the head has had its turn
      assertThat(ahead.explain()).startsWith("Job 2 ");
    }

    void add(String name, double priority) {
      jobs.put(name, grain.submit(options(priority), PriorityTest::start));
    }

    static JobOptions options(double priority) {
      return JobOptions.of(cpu(1)).priority(priority);
    }

    /** Has them go, and returns their names in the order in which they started. */
    List<String> started() {
      release.fire();
      List<String> names = new ArrayList<>(jobs.keySet());
      names.sort(Comparator.comparing(name -> jobs.get(name).result()));
      return names;
    }
  }

  private static long start() {
    return STARTED.incrementAndGet();
  }

  @ParameterizedTest
  @EnumSource(
      value = QueueOrder.class,
      names = {"FIFO", "STRICT"})
  void jobs_ofHigherPriority_startFirst(QueueOrder order) throws InterruptedException {
    try (var grain = GrainExecutor.open(ONE.queueOrder(order))) {
      Waiting waiting = new Waiting(grain);
      waiting.add("first", 100);
      waiting.add("low", 0.5);
      waiting.add("high", 300);
      waiting.add("second", 100);
      waiting.add("high too", 300);

      assertThat(waiting.started()).containsExactly("high", "high too", "first", "second", "low");
    }
  }

  @Test
  void priority_ofAMap_isThatOfEachOfItsJobs() throws InterruptedException {
    try (var grain = GrainExecutor.open(ONE)) {
      Waiting waiting = new Waiting(grain);
      waiting.add("usual", 100);
      var futures =
          grain.mapAsync(Waiting.options(200), (Integer _) -> start(), List.of(1, 2, 3)).toList();

      assertThat(waiting.started()).containsExactly("usual");
      long usual = waiting.jobs.get("usual").result();
      assertThat(futures).allMatch(future -> future.join() < usual);
    }
  }

  @Test
  void raffle_drawsLinesByTheirTickets_theSameForTheSameSeed() throws InterruptedException {
    List<String> drawn = raffle(1);
    assertThat(raffle(1)).isEqualTo(drawn);
    assertThat(raffle(2)).isNotEqualTo(drawn);
    assertThat(drawn.subList(0, 10))
        .filteredOn(name -> name.startsWith("high"))
        .hasSizeGreaterThan(5);
  }

  private static List<String> raffle(long seed) throws InterruptedException {
    RunOptions options = ONE.queueOrder(QueueOrder.RAFFLE).raffleSeed(seed);
    try (var grain = GrainExecutor.open(options)) {
      Waiting waiting = new Waiting(grain);
      for (int number = 0; number < 10; number++) {
        waiting.add("usual " + number, 100);
        waiting.add("high " + number, 10_000);
      }
      return waiting.started();
    }
  }

  @Test
  void explain_saysWhatIsBeforeIt() throws InterruptedException {
    try (var grain = GrainExecutor.open(ONE)) {
      Waiting waiting = new Waiting(grain);
      waiting.add("usual", 100);
      waiting.add("high", 101);

      String explained = waiting.jobs.get("usual").explain();
      waiting.started();
      assertThat(explained)
          .isEqualTo(
              "Job 3 waits for 1 core, behind 1 job with a higher priority: local has"
                  + " 0 of 1 free.");
    }
  }

  @Test
  void explain_inARaffle_saysHowManyTicketsItsLineHolds() throws InterruptedException {
    try (var grain = GrainExecutor.open(ONE.queueOrder(QueueOrder.RAFFLE))) {
      Waiting waiting = new Waiting(grain);
      waiting.add("usual", 100);
      waiting.add("high", 300);
      waiting.add("half", 0.5);

      String explained = waiting.jobs.get("usual").explain();
      waiting.started();
      assertThat(explained)
          .isEqualTo(
              "Job 3 waits for 1 core, in a raffle in which its line holds 100 of"
                  + " 400.5 tickets: local has 0 of 1 free.");
    }
  }

  @Test
  void raffle_ofAGroupAMapAndAnExecutor_countsEachAsOneLine() throws Exception {
    try (var grain = GrainExecutor.open(ONE.queueOrder(QueueOrder.RAFFLE))) {
      Waiting waiting = new Waiting(grain);
      waiting.add("single", 100);
      List<Job<Long>> ofGroup = new ArrayList<>();
      try (var group = grain.openWaitGroup();
          var executor = grain.asExecutorService(cpu(1))) {
        for (int number = 0; number < 600; number++) {
          ofGroup.add(group.submit(cpu(1), PriorityTest::start));
        }
        var ofMap =
            grain
                .mapAsync(cpu(1), (Integer _) -> start(), IntStream.range(0, 60).boxed().toList())
                .toList();
        List<Future<Long>> ofExecutor = new ArrayList<>();
        for (int number = 0; number < 60; number++) {
          ofExecutor.add(executor.submit((Callable<Long> & Serializable) PriorityTest::start));
        }
        String explained = waiting.jobs.get("single").explain();
        waiting.started();
        assertThat(explained).contains("in a raffle in which its line holds 100 of 400 tickets");
        // had each job been a line of its own, hundreds of the group's would have been before
        assertThat(startedBefore(ofMap, ofGroup)).isLessThan(300);
        assertThat(startedBefore(ofExecutor, ofGroup)).isLessThan(300);
      }
    }
  }

  /** Returns how many of the jobs started before the last of the others. */
  private static long startedBefore(List<? extends Future<Long>> others, List<Job<Long>> jobs)
      throws Exception {
    long last = 0;
    for (Future<Long> other : others) {
      last = Math.max(last, other.get());
    }
    long start = last;
    return jobs.stream().filter(job -> job.result() < start).count();
  }

  @ParameterizedTest
  @ValueSource(
      doubles = {0, -0.0, -1, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void priority_thatIsNone_isRefused(double priority) {
    assertThatThrownBy(() -> JobOptions.of(cpu(1)).priority(priority))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "priority is " + priority + ": must be a finite number above 0; the default is 100");
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.MIN_VALUE, Double.MAX_VALUE, 1})
  void priority_ofAnySize_isTakenInEachOrder(double priority) {
    for (QueueOrder order : QueueOrder.values()) {
      try (var grain = GrainExecutor.open(ONE.queueOrder(order))) {
        int one = grain.exec(JobOptions.of(cpu(1)).priority(priority), Math::abs, -1);
        assertThat(one).isOne();
      }
    }
  }
}
