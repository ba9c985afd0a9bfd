package dev.grain.benchmarks.start;

import static dev.grain.resource.Resources.cpu;

import dev.grain.GrainExecutor;
import dev.grain.Job;
import dev.grain.RunOptions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Runs a job as soon as it is connected with the worker that is named, and prints when what was
 * done, as microseconds of the machine's clock: connected, submitted, begun on the worker, ended,
 * and the same for a second job.
 */
final class FirstJob {
  private FirstJob() {}

  static void main(String[] arguments) {
    try (GrainExecutor executor = GrainExecutor.open(RunOptions.defaults().workers(arguments[0]))) {
      String first = times(executor);
      System.out.println("times " + first + " " + times(executor));
    }
  }

  private static String times(GrainExecutor executor) {
    long connected = now();
    Job<Long> job = executor.submit(cpu(1), FirstJob::now);
    long submitted = now();
    long begun = job.result();
    return connected + " " + submitted + " " + begun + " " + now();
  }

  private static long now() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }
}
