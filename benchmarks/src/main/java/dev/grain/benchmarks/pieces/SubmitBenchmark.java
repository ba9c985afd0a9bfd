package dev.grain.benchmarks.pieces;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.none;

import dev.grain.GrainExecutor;
import dev.grain.Job;
import dev.grain.RunOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What a job costs that runs in the program's own process, beside a task on a virtual thread. */
@State(Scope.Thread)
public class SubmitBenchmark {
  private static final int JOBS = 1_000;

  private final GrainExecutor grain = GrainExecutor.open(RunOptions.defaults().local(cpu(1)));
  private final ExecutorService plain = Executors.newVirtualThreadPerTaskExecutor();

  /** Ends both. */
  @TearDown
  public void close() {
    grain.close();
    plain.close();
  }

  /** One job after the other. */
  @Benchmark
  public int execGrain() {
    return grain.exec(none(), n -> n + 1, 12);
  }

  /** One task after the other. */
  @Benchmark
  public int execPlain() throws ExecutionException, InterruptedException {
    int n = 12;
    return plain.submit(() -> n + 1).get();
  }

  /** Many jobs, and then their results. */
  @Benchmark
  @OperationsPerInvocation(JOBS)
  public int submitGrain() {
    List<Job<Integer>> jobs = new ArrayList<>(JOBS);
    for (int i = 0; i < JOBS; i++) {
      jobs.add(grain.submit(none(), n -> n + 1, i));
    }
    int sum = 0;
    for (Job<Integer> job : jobs) {
      sum += job.result();
    }
    return sum;
  }

  /** Many tasks, and then their results. */
  @Benchmark
  @OperationsPerInvocation(JOBS)
  public int submitPlain() throws ExecutionException, InterruptedException {
    List<Future<Integer>> futures = new ArrayList<>(JOBS);
    for (int i = 0; i < JOBS; i++) {
      int n = i;
      futures.add(plain.submit(() -> n + 1));
    }
    int sum = 0;
    for (Future<Integer> future : futures) {
      sum += future.get();
    }
    return sum;
  }
}
