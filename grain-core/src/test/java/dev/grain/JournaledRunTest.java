package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Several lives of a program, one after the other, with one journal. */
@ExtendWith(NothingLeft.class)
final class JournaledRunTest {
  /** What jobs have done, in this life and those before. */
  private static final Map<String, AtomicInteger> RUNS = new ConcurrentHashMap<>();

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void begin() {
    file = folder.resolve("run.journal");
    RUNS.clear();
  }

  private RunOptions options() {
    return RunOptions.defaults().journal(file).local(cpu(2));
  }

  static String run(String name) {
    RUNS.computeIfAbsent(name, _ -> new AtomicInteger()).incrementAndGet();
    return "ran " + name;
  }

  static String runOf(String name, Object argument) {
    run(name);
    return name + " of " + argument;
  }

  private static int runs(String name) {
    return RUNS.getOrDefault(name, new AtomicInteger()).get();
  }

  private static int runs() {
    return RUNS.values().stream().mapToInt(AtomicInteger::get).sum();
  }

  @Test
  void job_ofAnEarlierLife_isFromTheJournal() {
    for (boolean known : List.of(false, true)) {
      try (GrainExecutor grain = GrainExecutor.open(options())) {
        Job<String> job = grain.submit(cpu(1), JournaledRunTest::run, "a");
        assertThat(job.isFromJournal()).isEqualTo(known);
        assertThat(job.result()).isEqualTo("ran a");
        assertThat(job.isFromJournal()).isEqualTo(known);
      }
    }
    assertThat(runs("a")).isEqualTo(1);
  }

  @Test
  void jobs_ofAnEarlierLife_doNotRunAgain() {
    for (int life = 0; life < 3; life++) {
      List<String> results =
          Grain.runCombine(
              () -> {
                var wg = Grain.openWaitGroup();
                try (wg) {
                  wg.submit(cpu(1), JournaledRunTest::run, "a");
                  wg.submit(cpu(1), JournaledRunTest::run, "b");
                }
                List<String> all = new ArrayList<>(wg.results(String.class));
                all.add(Grain.exec(cpu(1), JournaledRunTest::run, "c"));
                all.addAll(Grain.map(cpu(1), JournaledRunTest::run, List.of("d", "e")));
                return all;
              },
              options());
      assertThat(results).containsExactly("ran a", "ran b", "ran c", "ran d", "ran e");
      assertThat(runs()).isEqualTo(5);
    }
  }

  @Test
  void job_fromTheJournal_looksAsItDid() {
    List<Attempt> first = attempts();
    assertThat(attempts()).isEqualTo(first).hasSize(1);
    assertThat(runs("a")).isEqualTo(1);
  }

  private List<Attempt> attempts() {
    try (GrainExecutor grain = GrainExecutor.open(options())) {
      Job<String> job = grain.submit(cpu(1), JournaledRunTest::run, "a");
      assertThat(job.result()).isEqualTo("ran a");
      assertThat(job.status()).isEqualTo(JobStatus.SUCCEEDED);
      assertThat(job.worker()).contains("local");
      return job.attempts();
    }
  }

  @Test
  void sameCall_severalTimes_isCounted() {
    for (int times = 1; times <= 4; times++) {
      int count = times;
      Grain.runCombine(
          () -> {
            try (var wg = Grain.openWaitGroup()) {
              for (int i = 0; i < count; i++) {
                wg.submit(cpu(1), JournaledRunTest::run, "a");
              }
            }
          },
          options());
      assertThat(runs("a")).isEqualTo(times);
    }
  }

  @Test
  void otherPlace_isAnotherJob() {
    for (int life = 0; life < 2; life++) {
      Grain.runCombine(
          () -> {
            Grain.exec(cpu(1), JournaledRunTest::run, "a");
            try (var wg = Grain.openWaitGroup()) {
              wg.submit(cpu(1), JournaledRunTest::run, "a");
              wg.start(() -> Grain.exec(cpu(1), JournaledRunTest::run, "a"));
              wg.start(() -> Grain.exec(cpu(1), JournaledRunTest::run, "a"));
            }
            try (var wg = Grain.openWaitGroup()) {
              wg.submit(cpu(1), JournaledRunTest::run, "a");
            }
          },
          options());
      assertThat(runs("a")).isEqualTo(5);
    }
  }

  @Test
  void severalMains_haveTheirOwnCount() {
    for (int life = 0; life < 3; life++) {
      Random random = new Random(life);
      CyclicBarrier together = new CyclicBarrier(2);
      List<Main<String, Exception>> mains =
          List.of(() -> main(together, random.nextBoolean()), () -> main(together, true));
      assertThat(Grain.runCombine(mains, options())).containsExactly("ran a", "ran a");
      assertThat(runs("a")).isEqualTo(2);
    }
  }

  private static String main(CyclicBarrier together, boolean late) throws Exception {
    if (late) {
      together.await();
    }
    String value = Grain.exec(cpu(1), JournaledRunTest::run, "a");
    if (!late) {
      together.await();
    }
    return value;
  }

  /** Subtasks take their turns in another order in each life. */
  @Test
  void subtasks_inAnyOrderOfTime_haveTheSameJobs() {
    for (int life = 0; life < 8; life++) {
      Turns turns = new Turns(6, new Random(life));
      List<String> results =
          Grain.runCombine(
              () -> {
                var wg = Grain.openWaitGroup();
                try (wg) {
                  for (int i = 0; i < 6; i++) {
                    int number = i;
                    wg.start(() -> turns.take(number, () -> nested(number)));
                  }
                }
                return wg.results(String.class);
              },
              options());
      assertThat(results)
          .containsExactly(
              "ran 0 ran 0",
              "ran 0 ran 0",
              "ran 1 ran 1",
              "ran 1 ran 1",
              "ran 2 ran 2",
              "ran 2 ran 2");
      assertThat(runs("0")).as("life %d", life).isEqualTo(4);
      assertThat(runs()).isEqualTo(12);
    }
  }

  private static String nested(int number) {
    String name = String.valueOf(number / 2);
    var inner = Grain.openWaitGroup();
    try (inner) {
      inner.submit(cpu(1), JournaledRunTest::run, name);
    }
    return inner.results(String.class).getFirst()
        + " "
        + Grain.exec(cpu(1), JournaledRunTest::run, name);
  }

  /** Lets threads start one after the other, in an order of its own. */
  private static final class Turns {
    private final List<Signal> begun = new ArrayList<>();
    private final List<Integer> order = new ArrayList<>();

    Turns(int count, Random random) {
      for (int i = 0; i < count; i++) {
        begun.add(Signal.create());
        order.add(i);
      }
      Collections.shuffle(order, random);
    }

    <R> R take(int number, Main<R, Exception> body) throws Exception {
      int turn = order.indexOf(number);
      if (turn > 0) {
        begun.get(turn - 1).await();
      }
      try {
        return body.call();
      } finally {
        begun.get(turn).fire();
      }
    }
  }

  @Test
  void failure_isWritten_andRunsAgain() {
    for (int life = 1; life <= 3; life++) {
      assertThatThrownBy(() ->
              Grain.runCombine(() -> Grain.exec(cpu(1), JournaledRunTest::fail, "a"), options()))
          .isInstanceOf(JobFailedException.class)
          .hasRootCauseMessage("no luck with a");
      assertThat(runs("a")).isEqualTo(life);
    }
  }

  static String fail(String name) {
    run(name);
    throw new IllegalStateException("no luck with " + name);
  }

  @Test
  void cancelledJob_isNotWritten_andRunsAgain() {
    for (int life = 1; life <= 2; life++) {
      try (GrainExecutor grain = GrainExecutor.open(options())) {
        Signal started = Signal.create();
        Job<String> job =
            grain.submit(JobOptions.of(cpu(1)).key("blocked"), JournaledRunTest::block, started);
        assertThat(startedAndCancelled(started, job)).isEqualTo(JobStatus.CANCELLED);
      }
      assertThat(runs("blocked")).isEqualTo(life);
    }
  }

  static String block(Signal started) throws InterruptedException {
    run("blocked");
    started.fire();
    Thread.currentThread().join();
    return "";
  }

  private static JobStatus startedAndCancelled(Signal started, Job<?> job) {
    started.awaitThroughInterrupts();
    job.cancel();
    job.outcome();
    return job.status();
  }

  @Test
  void key_ofWords_takesThePlaceOfFunctionAndArguments() {
    JobOptions named = JobOptions.of(cpu(1)).key("energy-v3", 7);
    String first = Grain.runCombine(() -> Grain.exec(named, JournaledRunTest::run, "a"), options());
    String second =
        Grain.runCombine(
            () -> Grain.exec(named, JournaledRunTest::runOf, "b", List.of(1)), options());
    assertThat(second).isEqualTo(first).isEqualTo("ran a");
    JobOptions other = JobOptions.of(cpu(1)).key("energy-v4", 7);
    Grain.runCombine(() -> Grain.exec(other, JournaledRunTest::run, "a"), options());
    assertThat(runs("a")).isEqualTo(2);
    assertThat(runs("b")).isZero();
    assertThatThrownBy(() -> JobOptions.of(cpu(1)).key())
        .hasMessageContaining("at least one argument");
  }

  @Test
  void setsAndMaps_inAnyOrder_areTheSame() {
    for (int life = 0; life < 2; life++) {
      Set<String> set = life == 0 ? Set.of("x", "y", "z") : Set.of("z", "y", "x");
      Map<String, Set<String>> map =
          life == 0 ? Map.of("k", set, "l", Set.of()) : Map.of("l", Set.of(), "k", set);
      Grain.runCombine(() -> Grain.exec(cpu(1), JournaledRunTest::runOf, "a", map), options());
    }
    assertThat(runs("a")).isEqualTo(1);
  }

  /** An argument that is encoded differently each time. */
  record Restless(Number number) implements Serializable {
    private static final AtomicInteger LAST = new AtomicInteger();

    Restless {
      number = LAST.incrementAndGet();
    }
  }

  @Test
  void arguments_neverTheSame_areReportedOnce() {
    try (Warnings warnings = new Warnings(JobKeys.class)) {
      for (int life = 1; life <= 2; life++) {
        Grain.runCombine(
            () -> {
              Grain.exec(cpu(1), JournaledRunTest::runOf, "a", new Restless(0));
              Grain.exec(cpu(1), JournaledRunTest::runOf, "a", new Restless(0));
            },
            options());
        assertThat(runs("a")).isEqualTo(2 * life);
        assertThat(warnings.texts()).hasSize(life);
      }
      assertThat(warnings.texts().getFirst())
          .contains("JournaledRunTest", "encoded differently each time", "JobOptions.key");
    }
  }

  @Test
  void journal_inUse_isAnError() throws Exception {
    try (GrainExecutor first = GrainExecutor.open(options())) {
      assertThatThrownBy(() -> GrainExecutor.open(options()))
          .isInstanceOf(JournalException.class)
          .hasMessageContaining("run.journal is in use by another run");
      assertThat(first.submit(cpu(1), JournaledRunTest::run, "a").result()).isEqualTo("ran a");
    }
    Files.writeString(file, "precious results");
    assertThatThrownBy(() -> GrainExecutor.open(options()))
        .isInstanceOf(JournalException.class)
        .hasMessageContaining("is not a Grain journal");
  }

  @Test
  void manyJobs_ofManyThreads_areAllThere() throws Exception {
    for (int life = 0; life < 2; life++) {
      ConcurrentLinkedQueue<Job<String>> jobs = new ConcurrentLinkedQueue<>();
      try (GrainExecutor grain = GrainExecutor.open(options())) {
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
          int number = t;
          threads.add(
              Thread.ofPlatform()
                  .start(() -> {
                    for (int i = 0; i < 500; i++) {
                      jobs.add(grain.submit(cpu(1), JournaledRunTest::run, number + "/" + i));
                    }
                  }));
        }
        for (Thread thread : threads) {
          thread.join();
        }
        jobs.forEach(job -> assertThat(job.result()).startsWith("ran "));
      }
      assertThat(runs()).isEqualTo(2000);
      assertThat(RUNS).hasSize(2000);
    }
  }
}
