package dev.grain.benchmarks;

import java.util.List;
import java.util.function.Function;

/** The functions that jobs run, the same for every system. */
final class Jobs {
  /** Where {@link #increment} is among {@link #NUMBERED}. */
  static final int INCREMENT = 0;

  /** Where {@link #first} is among {@link #NUMBERED}. */
  static final int FIRST = 1;

  /** The functions for those systems that know them by number. */
  static final List<Function<Object, Object>> NUMBERED =
      List.of(number -> increment((Integer) number), bytes -> first((byte[]) bytes));

  private Jobs() {}

  /** An empty job: as little as a job can do so that it shows whether it was done. */
  static int increment(int number) {
    return number + 1;
  }

  /** An empty job with an argument of some size: increments the number at its beginning. */
  static int first(byte[] bytes) {
    return increment(Payload.number(bytes));
  }
}
