package dev.grain.examples;

/**
 * All numbers from {@code low} to {@code high}. What is computed with intervals contains whatever
 * could be computed with numbers out of them: bounds are rounded outwards.
 */
record Interval(double low, double high) {
  // How far the search for an extreme of the sine looks beyond the interval, in turns: far more
  // than
  // rounding can be wrong by, for arguments up to thousands.
  private static final double SLACK = 1e-9;

  static Interval of(double number) {
    return new Interval(number, number);
  }

  double middle() {
    return low + (high - low) / 2;
  }

  boolean containsZero() {
    return low <= 0 && high >= 0;
  }

  Interval plus(Interval other) {
    return outwards(low + other.low, high + other.high);
  }

  Interval minus(Interval other) {
    return outwards(low - other.high, high - other.low);
  }

  Interval times(double factor) {
    return factor >= 0
        ? outwards(low * factor, high * factor)
        : outwards(high * factor, low * factor);
  }

  Interval times(Interval other) {
    double a = low * other.low;
    double b = low * other.high;
    double c = high * other.low;
    double d = high * other.high;
    return outwards(
        Math.min(Math.min(a, b), Math.min(c, d)), Math.max(Math.max(a, b), Math.max(c, d)));
  }

  Interval square() {
    double a = low * low;
    double b = high * high;
    return outwards(containsZero() ? 0 : Math.min(a, b), Math.max(a, b));
  }

  Interval exp() {
    return outwards(Math.nextDown(StrictMath.exp(low)), Math.nextUp(StrictMath.exp(high)));
  }

  Interval sin() {
    double atLow = StrictMath.sin(low);
    double atHigh = StrictMath.sin(high);
    double least = Math.nextDown(Math.nextDown(Math.min(atLow, atHigh)));
    double greatest = Math.nextUp(Math.nextUp(Math.max(atLow, atHigh)));
    return new Interval(
        holdsTurnsFrom(-0.25) ? -1 : Math.max(-1, least),
        holdsTurnsFrom(0.25) ? 1 : Math.min(1, greatest));
  }

  Interval cos() {
    return plus(around(Math.PI / 2)).sin();
  }

  /**
   * Returns whether some angle in the interval is {@code turns} more than a whole number of turns.
   */
  private boolean holdsTurnsFrom(double turns) {
    double first = Math.ceil(low / (2 * Math.PI) - turns - SLACK);
    double last = Math.floor(high / (2 * Math.PI) - turns + SLACK);
    return first <= last;
  }

  private static Interval around(double number) {
    return outwards(number, number);
  }

  private static Interval outwards(double low, double high) {
    return new Interval(Math.nextDown(low), Math.nextUp(high));
  }
}
