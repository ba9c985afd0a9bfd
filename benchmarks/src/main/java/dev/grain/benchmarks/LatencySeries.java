package dev.grain.benchmarks;

import java.io.IOException;

/** One system that is given one job at a time, in one way. */
final class LatencySeries implements Series {
  private final Rig rig;
  private final Way way;
  private final int jobs;
  private final Samples micros = new Samples();
  private final Samples medians = new Samples();
  private final Cpu cpu;

  /**
   * Makes one that has not begun.
   *
   * @param jobs how many there are in a round
   */
  LatencySeries(Rig rig, Way way, int jobs) {
    this.rig = rig;
    this.way = way;
    this.jobs = jobs;
    this.cpu = new Cpu(rig);
  }

  String name() {
    return rig + (way == Way.EXEC ? "" : " " + way.word());
  }

  boolean is(Subject subject, Way other) {
    return rig.subject() == subject && way == other;
  }

  @Override
  public void warmUp(Report report) throws IOException {
    round(report);
  }

  @Override
  public void measure(Report report) throws IOException {
    cpu.begin();
    Samples round = new Samples();
    for (String nanos : round(report)) {
      micros.add(Long.parseLong(nanos) / 1e3);
      round.add(Long.parseLong(nanos) / 1e3);
    }
    medians.add(round.median());
    cpu.end(jobs);
  }

  /** Returns the nanoseconds of each job. */
  private String[] round(Report report) throws IOException {
    String command = "latency %s %s".formatted(way.word(), jobs);
    String[] took = rig.head().ask(command, "took").split(" ", -1);
    report.require(
        Long.parseLong(took[1]) == Load.sum(jobs),
        "%s: the results of %s jobs add up to %s and not to %s."
            .formatted(name(), jobs, took[1], Load.sum(jobs)));
    return took[2].split(",", -1);
  }

  /** Returns the microseconds that each job took. */
  Samples micros() {
    return micros;
  }

  /** Returns the median of each round, in microseconds. */
  Samples medians() {
    return medians;
  }

  Cpu cpu() {
    return cpu;
  }
}
