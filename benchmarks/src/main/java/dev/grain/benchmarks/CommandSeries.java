package dev.grain.benchmarks;

import java.io.IOException;

/** One way to start programs, round after round. */
final class CommandSeries implements Series {
  private final String name;
  private final int commands;
  private final Round round;
  private final Samples rates = new Samples();

  /** Starts programs and waits until they have ended. */
  @FunctionalInterface
  interface Round {
    /** Returns how many nanoseconds that took. */
    long nanos(int commands) throws IOException;
  }

  /**
   * Makes one that has not begun.
   *
   * @param commands how many programs there are in a round
   */
  CommandSeries(String name, int commands, Round round) {
    this.name = name;
    this.commands = commands;
    this.round = round;
  }

  String name() {
    return name;
  }

  /** Returns how many programs were started in a second, round by round. */
  Samples rates() {
    return rates;
  }

  @Override
  public void warmUp(Report report) throws IOException {
    round.nanos(commands);
  }

  @Override
  public void measure(Report report) throws IOException {
    rates.add(commands * 1e9 / round.nanos(commands));
  }
}
