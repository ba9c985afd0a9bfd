package dev.grain.schedule;

import java.util.Arrays;

/** Turns what jobs want, and what nodes have, into what the indexes are asked for at present. */
final class IndexQuery {
  /** The time in nanoseconds, on the clock of the events. */
  long now;

  private long[] vector;

  IndexQuery(int dimensions) {
    this.vector = new long[dimensions];
  }

  void widen(int dimensions) {
    vector = new long[dimensions];
  }

  int dimensions() {
    return vector.length;
  }

  /**
   * Returns what the indexes over nodes are asked for: a time becomes a point in time. It is the
   * caller's until the next query.
   */
  long[] wantedBy(RequestClass requestClass) {
    long[] wanted = requestClass.wanted;
    System.arraycopy(wanted, 0, vector, 0, wanted.length);
    vector[KindDimensions.TIME] = until(wanted[KindDimensions.TIME]);
    return vector;
  }

  private long until(long time) {
    if (time == 0) {
      return Long.MIN_VALUE + 1;
    }
    return time > Long.MAX_VALUE - Math.max(0, now) ? Long.MAX_VALUE : now + time;
  }

  /**
   * Returns what the indexes over classes are asked for: those that need no more than this. It is
   * the caller's until the next query.
   */
  long[] fittingIn(long[] available) {
    for (int dimension = 0; dimension < available.length; dimension++) {
      vector[dimension] = -available[dimension];
    }
    long until = available[KindDimensions.TIME];
    vector[KindDimensions.TIME] =
        until == Long.MAX_VALUE ? -Long.MAX_VALUE : Math.min(0, now - until);
    return vector;
  }

  /** Returns what a class is found by in the indexes over classes. */
  static long[] negated(long[] wanted) {
    return Arrays.stream(wanted).map(each -> -each).toArray();
  }
}
