package dev.grain.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * Measures the scheduler in a JVM of its own: reads lines of nodes, queued jobs, requests and
 * samples, and answers each with the medians of time, steps and bytes.
 */
final class SchedulingMain {
  private static final int DECISIONS = 5_000;

  private SchedulingMain() {}

  static void main(String[] arguments) throws IOException {
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      int[] sizes = Arrays.stream(line.split(" ")).mapToInt(Integer::parseInt).toArray();
      System.out.println("cost " + measure(sizes[0], sizes[1], sizes[2], sizes[3]));
    }
  }

  private static String measure(int nodes, int queued, int requests, int samples) {
    SteadyCluster cluster = new SteadyCluster(nodes, queued, requests);
    // until each node has taken a turn
    cluster.run(10 * DECISIONS + 16 * nodes);
    Samples nanos = new Samples();
    Samples steps = new Samples();
    Samples bytes = new Samples();
    for (int i = 0; i < samples; i++) {
      SteadyCluster.Cost cost = cluster.run(DECISIONS);
      nanos.add(cost.nanos());
      steps.add(cost.steps());
      bytes.add(cost.bytes());
    }
    return String.format(
        Locale.ROOT,
        "%.0f %.3f %.0f %.0f",
        nanos.median(),
        nanos.spread(),
        steps.median(),
        bytes.median());
  }
}
