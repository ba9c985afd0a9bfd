package dev.grain.benchmarks;

import java.io.IOException;

/** Small jobs, one at a time, while large values are on their way or while nothing else is. */
final class SmallJobsSeries implements Series {
  private final Rig rig;
  private final int meanwhile;
  private final int jobs;
  private final Samples micros = new Samples();

  /**
   * Makes one that has not begun.
   *
   * @param meanwhile the bytes of the values that are on their way, 0 for none
   * @param jobs how many small jobs there are in a round
   */
  SmallJobsSeries(Rig rig, int meanwhile, int jobs) {
    this.rig = rig;
    this.meanwhile = meanwhile;
    this.jobs = jobs;
  }

  boolean isLoaded() {
    return meanwhile > 0;
  }

  Rig rig() {
    return rig;
  }

  @Override
  public void warmUp(Report report) throws IOException {
    round(report);
  }

  @Override
  public void measure(Report report) throws IOException {
    for (String nanos : round(report)) {
      micros.add(Long.parseLong(nanos) / 1e3);
    }
  }

  private String[] round(Report report) throws IOException {
    String command = "small %s %s".formatted(meanwhile, jobs);
    String[] took = rig.head().ask(command, "took").split(" ", -1);
    report.require(
        Long.parseLong(took[1]) == Load.sum(jobs),
        "%s: the results of %s small jobs add up to %s.".formatted(rig, jobs, took[1]));
    return took[2].split(",", -1);
  }

  /** Returns the microseconds that each small job took. */
  Samples micros() {
    return micros;
  }
}
