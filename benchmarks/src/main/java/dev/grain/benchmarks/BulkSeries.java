package dev.grain.benchmarks;

import java.io.IOException;

/** One system that is given large values of one size, one way. */
final class BulkSeries implements Series {
  private final Rig rig;
  private final Direction direction;
  private final int size;
  private final int copies;
  private final long right;
  private final Samples rates = new Samples();

  /**
   * Makes one that has not begun.
   *
   * @param size in bytes
   * @param copies how many of them cross in a round
   */
  BulkSeries(Rig rig, Direction direction, int size, int copies) {
    this.rig = rig;
    this.direction = direction;
    this.size = size;
    this.copies = copies;
    this.right = (long) copies * Jobs.checkOf(size);
  }

  boolean is(Subject subject, Direction other) {
    return rig.subject() == subject && direction == other;
  }

  Direction direction() {
    return direction;
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
    rates.add(round(report));
  }

  /** Returns how many MiB crossed in a second. */
  private double round(Report report) throws IOException {
    String command = "bulk %s %s %s".formatted(direction.word(), copies, size);
    String[] took = rig.head().ask(command, "took").split(" ", -1);
    report.require(
        Long.parseLong(took[1]) == right,
        "%s: the check sums of %s values of %s bytes add up to %s and not to %s."
            .formatted(rig, copies, size, took[1], right));
    return (double) copies * size / (1 << 20) / (Long.parseLong(took[0]) / 1e9);
  }

  /** Returns how many MiB crossed in a second, round by round. */
  Samples rates() {
    return rates;
  }
}
