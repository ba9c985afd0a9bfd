package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.grain.Attempt;
import dev.grain.Cause;
import dev.grain.FailurePolicy;
import dev.grain.Grain;
import dev.grain.GrainExecutor;
import dev.grain.GroupOptions;
import dev.grain.Job;
import dev.grain.JobOptions;
import dev.grain.NoWorkersException;
import dev.grain.WaitGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers that end, or are killed, while they have jobs. */
final class LostWorkerTest {
  private static final Duration SHORT = Duration.ofMillis(200);

  @TempDir private Path folder;
  private Cluster cluster;
  private Gate gate;

  @BeforeEach
  void open() throws IOException {
    cluster = new Cluster(folder);
    gate = new Gate();
  }

  @AfterEach
  void close() throws IOException {
    gate.close();
    cluster.close();
  }

  private static int enter(int port, int number) {
    Gate.enter(port, Grain.allocation().node());
    return number;
  }

  private static String enter(int port) {
    Gate.enter(port, Grain.allocation().node());
    return Grain.allocation().node();
  }

  @Test
  void killedWorker_hasItsJobsRunElsewhere() throws Exception {
    WorkerProcess one = cluster.start("--name", "one", "--cpus", "1");
    WorkerProcess other = cluster.start("--name", "other", "--cpus", "1");
    try (GrainExecutor executor = GrainExecutor.open(cluster.over(one, other))) {
      Checker checker = new Checker(executor);
      WaitGroup group = executor.openWaitGroup();
      List<Job<Integer>> jobs = new ArrayList<>();
      try (group) {
        for (int number = 0; number < 6; number++) {
          jobs.add(group.submit(cpu(1), LostWorkerTest::enter, gate.port(), number));
        }
        try (Gate.Visitor _ = gate.next();
            Gate.Visitor _ = gate.next()) {
          one.close();
        }
        gate.openForAll();
      }
      for (int number = 0; number < 6; number++) {
        checker.assertValue(jobs.get(number), number);
      }
      Job<Integer> lost =
          jobs.stream().filter(job -> job.attempts().size() > 1).findFirst().orElseThrow();
      assertThat(lost.attempts())
          .extracting(Attempt::number, Attempt::worker, Attempt::failure)
          .containsExactly(
              tuple(1, "one", Optional.of(Cause.LOST)), tuple(2, "other", Optional.empty()));
      assertThat(jobs).filteredOn(job -> job.attempts().size() == 1).hasSize(5);
      checker.assertNothingElse();
    }
    Checker.assertEndsCleanly(cluster);
  }

  @Test
  void newWorker_atTheSamePort_joins() throws Exception {
    WorkerProcess worker = cluster.start("--name", "one");
    try (GrainExecutor executor = GrainExecutor.open(cluster.over(worker))) {
      Checker checker = new Checker(executor);
      Job<Integer> job = executor.submit(cpu(1), LostWorkerTest::enter, gate.port(), 7);
      try (Gate.Visitor _ = gate.next()) {
        worker.close();
      }
      gate.openForAll();
      cluster.start(worker.port(), "--name", "two");
      checker.assertValue(job, 7);
      assertThat(job.worker()).hasValue("two");
      assertThat(job.attempts()).extracting(Attempt::worker).containsExactly("one", "two");
      checker.assertNothingElse();
    }
    Checker.assertEndsCleanly(cluster);
  }

  @Test
  void noWorkerLeft_endsTheRun() throws IOException {
    WorkerProcess worker = cluster.start("--name", "one");
    NoWorkersException failure =
        catchThrowableOfType(
            NoWorkersException.class,
            () ->
                Grain.runCombine(
                    () -> {
                      assertThatThrownBy(
                              () -> {
                                try (WaitGroup group = Grain.openWaitGroup()) {
                                  group.submit(cpu(1), LostWorkerTest::enter, gate.port());
                                  try (Gate.Visitor _ = gate.next()) {
                                    worker.close();
                                  }
                                }
                              })
                          .isInstanceOf(NoWorkersException.class);
                      Grain.exec(cpu(1), LostWorkerTest::enter, gate.port());
                    },
                    cluster.over(worker).noWorkers(SHORT)));
    assertThat(failure)
        .hasMessageStartingWith("The run has had no worker for 200 ms. ")
        .hasMessageContaining(worker.address())
        .hasMessageContaining("RunOptions.noWorkers");
  }

  @Test
  void terminatedWorker_endsItsJob_andLeavesTheOthers() throws Exception {
    WorkerProcess one = cluster.start("--name", "one", "--cpus", "1");
    WorkerProcess other = cluster.start("--name", "other", "--cpus", "1");
    try (GrainExecutor executor = GrainExecutor.open(cluster.over(one, other))) {
      Checker checker = new Checker(executor);
      List<Job<String>> jobs = new ArrayList<>();
      for (int number = 0; number < 8; number++) {
        jobs.add(executor.submit(cpu(1), LostWorkerTest::enter, gate.port()));
      }
      Gate.Visitor first = gate.next();
      Gate.Visitor second = gate.next();
      try (Gate.Visitor staying = first.who().equals("one") ? first : second) {
        one.terminate();
        (staying == first ? second : first).close();
        for (int left = 0; left < 6; left++) {
          try (Gate.Visitor next = gate.next()) {
            assertThat(next.who()).isEqualTo("other");
          }
        }
      }
      for (Job<String> job : jobs) {
        checker.assertValue(job, job.result());
      }
      assertThat(jobs).filteredOn(job -> job.result().equals("one")).hasSize(1);
      assertThat(jobs).allMatch(job -> job.attempts().size() == 1);
      assertThat(one.exitCode()).isZero();
      checker.assertNothingElse();
    }
    Checker.assertEndsCleanly(cluster);
  }

  private static void end(int port) {
    Gate.enter(port, "deadly");
    if (Grain.job().attempt() == 1) {
      System.exit(0);
    }
    Runtime.getRuntime().halt(1);
  }

  @Test
  void jobThatEndsItsWorkers_isLost_andTheOthersSucceed() throws Exception {
    WorkerProcess first = cluster.start();
    int port = first.port();
    try (GrainExecutor executor = GrainExecutor.open(cluster.over(first));
        ExecutorService starter = Executors.newVirtualThreadPerTaskExecutor()) {
      Checker checker = new Checker(executor);
      Future<List<Integer>> codes = starter.submit(restarts(first, port));
      WaitGroup group =
          executor.openWaitGroup(GroupOptions.defaults().onFailure(FailurePolicy.COLLECT));
      Job<?> deadly;
      List<Job<Integer>> others = new ArrayList<>();
      try (group) {
        deadly =
            group.submit(JobOptions.of(cpu(1)).named("deadly"), LostWorkerTest::end, gate.port());
        for (int number = 0; number < 5; number++) {
          others.add(group.submit(cpu(1), n -> n + 1, number));
        }
      }
      assertThat(checker.assertLost(deadly)).hasMessageContaining("deadly");
      for (int number = 0; number < 5; number++) {
        checker.assertValue(others.get(number), number + 1);
      }
      assertThat(codes.get()).containsExactly(ExitCode.ENDED_BY_JOB.number(), 1, 1);
      checker.assertNothingElse();
    }
    // with the stack of the call
    Checker.assertEndsCleanly(cluster, "a job called System.exit", "Runtime.exit", "\tat ");
  }

  /** Starts a worker again each time that the job has ended it; returns the exit codes. */
  private Callable<List<Integer>> restarts(WorkerProcess first, int port) {
    return () -> {
      List<Integer> codes = new ArrayList<>();
      WorkerProcess worker = first;
      for (int life = 0; life < 3; life++) {
        gate.next().close();
        codes.add(worker.exitCode());
        worker = cluster.start(port);
      }
      return codes;
    };
  }
}
