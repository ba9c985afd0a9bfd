package dev.grain.benchmarks;

import java.io.IOException;
import java.util.List;

/** One thing that is measured round after round, in turn with others. */
interface Series {
  /** Runs a round that does not count. */
  void warmUp(Report report) throws IOException;

  /** Runs a round that counts. */
  void measure(Report report) throws IOException;

  /** Runs rounds of all of them in turn, each time beginning with another one. */
  static void race(List<? extends Series> all, int warmUp, int rounds, Report report)
      throws IOException {
    for (int round = -warmUp; round < rounds; round++) {
      for (int i = 0; i < all.size(); i++) {
        Series next = all.get(Math.floorMod(i + round, all.size()));
        if (round < 0) {
          next.warmUp(report);
        } else {
          next.measure(report);
        }
      }
    }
  }
}
