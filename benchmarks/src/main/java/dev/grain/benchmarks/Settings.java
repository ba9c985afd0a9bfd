package dev.grain.benchmarks;

import java.util.ArrayList;
import java.util.List;

/**
 * How the questions are asked.
 *
 * @param quick whether an answer in under a minute will do, from fewer rounds and sizes
 * @param peers whether other systems on the JVM are measured beside
 * @param launcherFlags whether JVMs get the flags of Grain's launcher; without them they are bare
 * @param probe what is changed in order to look at one part closely
 */
record Settings(boolean quick, boolean peers, boolean launcherFlags, Probe probe) {
  /** The flags that {@code bin/grain-worker} starts a worker with. */
  private static final List<String> OF_LAUNCHER =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-XX:+UseCompactObjectHeaders");

  /**
   * What somebody changes who profiles or tunes one part; nothing of it belongs to an answer.
   *
   * @param only the systems to measure, by name; all if it is empty
   * @param variants the variants to measure, by name; all if it is empty
   * @param rounds how many rounds are measured, 0 for as many as the question thinks right
   * @param jobs how many jobs there are in a round, 0 for as many as the question thinks right
   * @param headFlags further flags for the JVMs of heads
   * @param workerFlags further flags for the JVMs of workers
   */
  record Probe(
      List<String> only,
      List<String> variants,
      int rounds,
      int jobs,
      List<String> headFlags,
      List<String> workerFlags) {
    static final Probe NONE = new Probe(List.of(), List.of(), 0, 0, List.of(), List.of());

    Probe {
      only = List.copyOf(only);
      variants = List.copyOf(variants);
      headFlags = List.copyOf(headFlags);
      workerFlags = List.copyOf(workerFlags);
    }

    /** Returns whether that system is measured. */
    boolean measures(String system) {
      return only.isEmpty() || only.contains(system);
    }

    /** Returns whether that variant is measured. */
    boolean includes(String variant) {
      return variants.isEmpty() || variants.contains(variant);
    }

    /** Returns how many rounds are measured if the question thinks that many right. */
    int roundsOr(int usual) {
      return rounds == 0 ? usual : rounds;
    }

    /** Returns how many jobs there are in a round if the question thinks that many right. */
    int jobsOr(int usual) {
      return jobs == 0 ? usual : jobs;
    }
  }

  /** Returns the flags of a head's JVM, which are the same for every system. */
  List<String> headFlags(String heap) {
    return flags(heap, probe.headFlags);
  }

  /** Returns the flags of a worker's JVM, which are the same for every system. */
  List<String> workerFlags(String heap) {
    return flags(heap, probe.workerFlags);
  }

  private List<String> flags(String heap, List<String> further) {
    List<String> flags = new ArrayList<>(List.of("-Xms" + heap, "-Xmx" + heap));
    if (launcherFlags) {
      flags.addAll(OF_LAUNCHER);
    }
    flags.addAll(further);
    return flags;
  }
}
