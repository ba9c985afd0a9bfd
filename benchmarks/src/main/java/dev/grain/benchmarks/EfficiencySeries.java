package dev.grain.benchmarks;

import java.io.IOException;

/** One system with jobs of one size that compute. */
final class EfficiencySeries implements Series {
  private final Rig rig;
  private final int units;
  private final int jobs;
  private final Samples millis = new Samples();
  private final Cpu cpu;
  private long sum;

  /**
   * Makes one that has not begun.
   *
   * @param units how much each job computes
   * @param jobs how many there are in a round
   */
  EfficiencySeries(Rig rig, int units, int jobs) {
    this.rig = rig;
    this.units = units;
    this.jobs = jobs;
    this.cpu = new Cpu(rig);
  }

  Rig rig() {
    return rig;
  }

  @Override
  public void warmUp(Report report) throws IOException {
    round();
  }

  @Override
  public void measure(Report report) throws IOException {
    cpu.begin();
    millis.add(round());
    cpu.end(jobs);
  }

  /** Returns how long it took, in milliseconds. */
  private double round() throws IOException {
    String command = "compute %s %s".formatted(units, jobs);
    String[] took = rig.head().ask(command, "took").split(" ", -1);
    sum = Long.parseLong(took[1]);
    return Long.parseLong(took[0]) / 1e6;
  }

  /** Returns how long the rounds took, in milliseconds. */
  Samples millis() {
    return millis;
  }

  /** Returns the sum of the results of the last round. */
  long sum() {
    return sum;
  }

  Cpu cpu() {
    return cpu;
  }
}
