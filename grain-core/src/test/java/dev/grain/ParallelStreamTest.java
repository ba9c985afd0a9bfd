package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ForkJoinTask;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Which threads a parallel stream of a job uses, and to which job they belong. */
@ExtendWith(NothingLeft.class)
final class ParallelStreamTest {
  private static final RunOptions QUIET = RunOptions.defaults().local(cpu(4)).echo(false);

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final PrintStream out = System.out;

  @BeforeEach
  void capture() {
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void putBack() {
    System.setOut(out);
  }

  private String printed() {
    return printed.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  private static List<String> lines(Job<?> job) {
    job.result();
    return job.output().lines().toList();
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (InterruptedException | BrokenBarrierException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs the part on two threads at once. */
  private static void onTwoThreads(Runnable part) {
    CyclicBarrier barrier = new CyclicBarrier(2);
    IntStream.range(0, 2)
        .parallel()
        .forEach(_ -> {
          meet(barrier);
          part.run();
        });
  }

  static void printInPairs(int job, Signal allRun) {
    onTwoThreads(() -> {
      allRun.fire();
      allRun.awaitThroughInterrupts();
      System.out.println("job " + job);
    });
  }

  @Test
  void output_ofTwoJobsAtOnce_belongsToTheirJobs() {
    Signal allRun = Signal.create(4);
    try (var grain = GrainExecutor.open(QUIET)) {
      Job<?> first = grain.submit(cpu(2), ParallelStreamTest::printInPairs, 1, allRun);
      Job<?> second = grain.submit(cpu(2), ParallelStreamTest::printInPairs, 2, allRun);

      assertThat(lines(first)).containsExactly("job 1", "job 1");
      assertThat(lines(second)).containsExactly("job 2", "job 2");
    }
    assertThat(printed()).isEmpty();
  }

  @Test
  void output_ofJobsOneAfterTheOther_belongsToTheirJobs() {
    try (var grain = GrainExecutor.open(QUIET.local(cpu(2)))) {
      for (int number = 1; number <= 5; number++) {
        Job<?> job =
            grain.submit(cpu(2), ParallelStreamTest::printInPairs, number, Signal.create(2));

        assertThat(lines(job)).containsExactly("job " + number, "job " + number);
      }
    }
    assertThat(printed()).isEmpty();
  }

  static void printInThreadOfAPart() {
    onTwoThreads(() -> {
      Thread thread = Thread.ofPlatform().start(() -> System.out.println("started"));
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    });
  }

  @Test
  void output_ofThreadsThatAPartStarts_belongsToTheJob() {
    try (var grain = GrainExecutor.open(QUIET)) {
      Job<?> job = grain.submit(cpu(2), ParallelStreamTest::printInThreadOfAPart);

      assertThat(lines(job)).containsExactly("started", "started");
    }
    assertThat(printed()).isEmpty();
  }

  static int threadsUsed() {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    IntStream.range(0, 10_000).parallel().forEach(_ -> threads.add(Thread.currentThread()));
    return threads.size();
  }

  @Test
  void threads_areNoMoreThanTheJobHoldsCores() {
    try (var grain = GrainExecutor.open(QUIET)) {
      for (int cores : List.of(3, 1, 2, 1)) {
        assertThat(grain.submit(cpu(cores), ParallelStreamTest::threadsUsed).result())
            .isBetween(1, cores);
      }
    }
  }

  static Set<String> seenByThreads() {
    Set<String> seen = ConcurrentHashMap.newKeySet();
    onTwoThreads(() ->
        seen.add(
            Grain.job()
                + " "
                + Grain.allocation()
                + Thread.currentThread().getContextClassLoader()));
    return seen;
  }

  @Test
  void threads_seeTheJobItsAllocationAndItsClasses() {
    try (var grain = GrainExecutor.open(QUIET)) {
      assertThat(grain.submit(cpu(2), ParallelStreamTest::seenByThreads).result()).hasSize(1);
    }
  }

  static void leaveAPart(Signal running, Signal go, Signal done) {
    ForkJoinTask<?> part =
        ForkJoinTask.adapt(() -> {
          running.fire();
          go.awaitThroughInterrupts();
          System.out.println("late");
          done.fire();
        });
    part.fork();
    running.awaitThroughInterrupts();
  }

  static void printBeside(Signal go, Signal done) {
    go.fire();
    done.awaitThroughInterrupts();
    System.out.println("next");
  }

  @Test
  void partThatOutlivesItsJob_printsAsTheProgram_notForTheNextJob() {
    Signal running = Signal.create();
    Signal go = Signal.create();
    Signal done = Signal.create();
    try (var grain = GrainExecutor.open(QUIET.local(cpu(2)))) {
      Job<?> first = grain.submit(cpu(2), ParallelStreamTest::leaveAPart, running, go, done);
      Job<?> next = grain.submit(cpu(2), ParallelStreamTest::printBeside, go, done);

      assertThat(lines(first)).isEmpty();
      assertThat(lines(next)).containsExactly("next");
    }
    assertThat(printed()).isEqualTo("late\n");
  }

  static void leaveAPartUnstarted(Signal done) {
    ForkJoinTask.adapt(
            () -> {
              System.out.println("late");
              done.fire();
            })
        .fork();
  }

  @Test
  void partThatStartsAfterItsJob_printsAsTheProgram() throws InterruptedException {
    Signal done = Signal.create();
    try (var grain = GrainExecutor.open(QUIET)) {
      Job<?> job = grain.submit(cpu(1), ParallelStreamTest::leaveAPartUnstarted, done);

      assertThat(lines(job)).isEmpty();
      done.await();
    }
    assertThat(printed()).isEqualTo("late\n");
  }

  @Test
  void outputOfTheCommonPool_besideAProgram_staysThePrograms() {
    try (var grain = GrainExecutor.open(QUIET)) {
      Job<?> job =
          grain.submit(
              cpu(1),
              () -> {
                CompletableFuture.runAsync(() -> System.out.println("anybody's")).join();
              });

      assertThat(lines(job)).isEmpty();
    }
    assertThat(printed()).isEqualTo("anybody's\n");
  }
}
