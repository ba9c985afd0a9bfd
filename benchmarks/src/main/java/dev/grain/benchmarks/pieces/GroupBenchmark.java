package dev.grain.benchmarks.pieces;

import static dev.grain.resource.Resources.cpu;

import dev.grain.GrainExecutor;
import dev.grain.RunOptions;
import dev.grain.WaitGroup;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What a wait group and its subtasks cost beside a plain structured task scope. */
@State(Scope.Thread)
public class GroupBenchmark {
  private static final int FORKS = 100;

  private final GrainExecutor grain = GrainExecutor.open(RunOptions.defaults().local(cpu(1)));

  /** Ends the run. */
  @TearDown
  public void close() {
    grain.close();
  }

  /** A group that nothing is put into. */
  @Benchmark
  public void openGrain() {
    grain.openWaitGroup().close();
  }

  /** A scope that nothing is forked in. */
  @Benchmark
  public void openPlain() throws Throwable {
    PlainScope.run(0, () -> 1);
  }

  /** Subtasks of a group. */
  @Benchmark
  @OperationsPerInvocation(FORKS)
  public void forkGrain() {
    try (WaitGroup group = grain.openWaitGroup()) {
      for (int i = 0; i < FORKS; i++) {
        group.start(() -> 1);
      }
    }
  }

  /** Subtasks of a scope. */
  @Benchmark
  @OperationsPerInvocation(FORKS)
  public void forkPlain() throws Throwable {
    PlainScope.run(FORKS, () -> 1);
  }
}
