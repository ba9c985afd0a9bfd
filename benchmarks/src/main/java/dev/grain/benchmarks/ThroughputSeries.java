package dev.grain.benchmarks;

import java.io.IOException;

/**
 * One system with one load, round after round. How many jobs there are in a round follows from how
 * long the rounds before took, so that fast and slow systems are measured for the same time.
 */
final class ThroughputSeries implements Series {
  private static final int LEAST = 5_000;
  private static final int MOST = 400_000;

  private final Rig rig;
  private final Load load;
  private final int fixed;
  private final long roundNanos;
  private final Samples rates = new Samples();
  private final Cpu cpu;
  private int jobs;

  /**
   * Makes one that has not begun.
   *
   * @param fixed how many jobs there are in a round, 0 for as many as fit its time
   * @param roundNanos how long a round should take
   */
  ThroughputSeries(Rig rig, Load load, int fixed, long roundNanos) {
    this.rig = rig;
    this.load = load;
    this.fixed = fixed;
    this.roundNanos = roundNanos;
    this.cpu = new Cpu(rig);
    this.jobs = fixed == 0 ? LEAST : fixed;
  }

  String name() {
    return rig + (load == Load.EMPTY ? "" : " " + load.word());
  }

  boolean is(Subject subject, Load other) {
    return rig.subject() == subject && load == other;
  }

  /** Settles how many jobs the next round has. */
  @Override
  public void warmUp(Report report) throws IOException {
    double rate = round(report);
    if (fixed == 0) {
      jobs = (int) Math.clamp(rate * roundNanos / 1e9, LEAST, MOST);
    }
  }

  @Override
  public void measure(Report report) throws IOException {
    cpu.begin();
    rates.add(round(report));
    cpu.end(jobs);
  }

  /** Returns how many jobs were done in a second. */
  private double round(Report report) throws IOException {
    String command = "throughput %s %s".formatted(load.word(), jobs);
    String[] took = rig.head().ask(command, "took").split(" ", -1);
    report.require(
        Long.parseLong(took[1]) == Load.sum(jobs),
        "%s: the results of %s jobs add up to %s and not to %s."
            .formatted(name(), jobs, took[1], Load.sum(jobs)));
    return jobs * 1e9 / Long.parseLong(took[0]);
  }

  /** Returns how many jobs were done in a second, round by round. */
  Samples rates() {
    return rates;
  }

  Cpu cpu() {
    return cpu;
  }
}
