package dev.grain.benchmarks;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;

/** Several things that are timed in turns, so that what else the machine does meets all of them. */
final class Interleaved {
  private final Map<String, Callable<Double>> things = new LinkedHashMap<>();
  private final Map<String, Samples> samples = new LinkedHashMap<>();

  /**
   * Adds one.
   *
   * @param timed does it once, and returns how many milliseconds it took
   */
  Interleaved add(String name, Callable<Double> timed) {
    things.put(name, timed);
    samples.put(name, new Samples());
    return this;
  }

  /** Does all of them that often; the first round does not count. */
  Interleaved run(int rounds) throws Exception {
    for (int round = 0; round <= rounds; round++) {
      for (Map.Entry<String, Callable<Double>> thing : things.entrySet()) {
        double millis = thing.getValue().call();
        if (round > 0) {
          of(thing.getKey()).add(millis);
        }
      }
    }
    return this;
  }

  /** Returns the milliseconds that one of them took. */
  Samples of(String name) {
    Samples known = samples.get(name);
    if (known == null) {
      throw new IllegalArgumentException("Nothing is called '" + name + "'");
    }
    return known;
  }

  Table table(String title) {
    Table table = new Table(title, "", "median ms", "spread", "fastest ms");
    samples.forEach((name, taken) ->
        table.row(
            name,
            millis(taken.median()),
            String.format(Locale.ROOT, "%.0f %%", 100 * taken.spread()),
            millis(taken.quantile(0))));
    return table;
  }

  static String millis(double value) {
    return String.format(Locale.ROOT, "%.0f", value);
  }
}
