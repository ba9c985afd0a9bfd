package dev.grain.sim;

import java.util.List;
import java.util.stream.LongStream;

/** Prints the hash of the trace of each seed of a range: a program for a JVM of its own. */
final class TraceHashes {
  private TraceHashes() {}

  public static void main(String[] args) {
    of(Long.parseLong(args[0]), Long.parseLong(args[1])).forEach(System.out::println);
  }

  /** Runs the seeds from the first to before the last. */
  static List<String> of(long first, long last) {
    return LongStream.range(first, last).mapToObj(TraceHashes::of).toList();
  }

  private static String of(long seed) {
    Simulation simulation = new Simulation(seed, Size.ANY, false, Plant.NONE);
    simulation.run();
    return seed + " " + Long.toHexString(simulation.trace().hash());
  }
}
