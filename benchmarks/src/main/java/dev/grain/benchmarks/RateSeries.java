package dev.grain.benchmarks;

import java.io.IOException;

/** One way to do many small things of the same kind, round after round. */
final class RateSeries implements Series {
  private final String name;
  private final int things;
  private final Round round;
  private final Samples rates = new Samples();

  /** Does all of them, and waits until they are done. */
  @FunctionalInterface
  interface Round {
    /** Returns how many nanoseconds that took. */
    long nanos(int things) throws IOException;
  }

  /**
   * Makes one that has not begun.
   *
   * @param things how many of them there are in a round
   */
  RateSeries(String name, int things, Round round) {
    this.name = name;
    this.things = things;
    this.round = round;
  }

  String name() {
    return name;
  }

  /** Returns how many were done in a second, round by round. */
  Samples rates() {
    return rates;
  }

  @Override
  public void warmUp(Report report) throws IOException {
    round.nanos(things);
  }

  @Override
  public void measure(Report report) throws IOException {
    rates.add(things * 1e9 / round.nanos(things));
  }
}
