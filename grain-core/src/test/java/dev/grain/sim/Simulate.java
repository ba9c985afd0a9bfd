package dev.grain.sim;

import java.util.List;

/** Runs seeds, and prints what goes wrong. */
final class Simulate {
  private Simulate() {}

  public static void main(String[] args) {
    long from = Long.parseLong(args[0]);
    long to = Long.parseLong(args[1]);
    long start = System.nanoTime();
    int bad = 0;
    for (long seed = from; seed < to; seed++) {
      try {
        new Simulation(seed, false, Plant.NONE).run();
      } catch (RuntimeException | StackOverflowError first) {
        System.out.println(seed + " " + first.getMessage());
        if (bad++ == 0) {
          Simulation again = new Simulation(seed, true, Plant.NONE);
          try {
            again.run();
          } catch (RuntimeException | StackOverflowError e) {
            if (e.getCause() != null) { System.out.println(e.getCause() + "\n" + String.join("\n", java.util.Arrays.stream(e.getCause().getStackTrace()).limit(12).map(String::valueOf).toList())); };
          }
          List<String> lines = again.trace().lines();
          lines.subList(Math.max(0, lines.size() - Integer.getInteger("lines", 80)), lines.size()).forEach(System.out::println);
        }
        if (bad > 10) {
          break;
        }
      }
    }
    System.out.printf("%d bad, %.0f seeds/s%n", bad, (to - from) * 1e9 / (System.nanoTime() - start));
  }
}
