package dev.grain.benchmarks;

import static dev.grain.resource.Resources.cpu;

import dev.grain.GrainExecutor;
import dev.grain.JobOptions;
import dev.grain.Request;
import dev.grain.RunOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/**
 * Calls functions one after the other from a JVM of its own: reads of which kind and how many, and
 * answers how many nanoseconds one took in the middle.
 */
final class IsolatedCalls {
  private static final Request SHARED = cpu(1);
  private static final Request ISOLATED = JobOptions.of(cpu(1)).isolated();

  private IsolatedCalls() {}

  /** Takes the port of a worker; empty for none. */
  static void main(String[] arguments) throws IOException {
    RunOptions options = RunOptions.defaults().progress(false).echo(false);
    options =
        arguments[0].isEmpty()
            ? options.local(cpu(2))
            : options.workers("127.0.0.1:" + arguments[0]).insecure();
    try (GrainExecutor executor = GrainExecutor.open(options)) {
      var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      int cold = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ", -1);
        Request request =
            switch (words[0]) {
              case "shared" -> SHARED;
              case "isolated" -> ISOLATED;
              // no other call has used this flag
              case "cold" -> JobOptions.of(cpu(1)).isolated("-Dcold=" + cold++);
              default -> throw new IllegalArgumentException(line);
            };
        System.out.println("took " + median(executor, request, Integer.parseInt(words[1])));
      }
    }
  }

  private static double median(GrainExecutor executor, Request request, int calls) {
    Samples nanos = new Samples();
    for (int i = 0; i < calls; i++) {
      long began = System.nanoTime();
      executor.exec(request, Jobs::increment, i);
      nanos.add((double) (System.nanoTime() - began));
    }
    return nanos.median();
  }
}
