package dev.grain.client;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The mistakes that were found so far. For one thread. */
final class Problems {
  private static final int MOST = 100;

  // each once: what jobs share is read for each of them
  private final Set<Problem> found = new LinkedHashSet<>();

  Problems() {}

  /** Returns how many there are. */
  int count() {
    return found.size();
  }

  /** Takes note of a mistake; beyond a hundred, of nothing. */
  void add(Node.Place place, String message, String expected, String example) {
    if (found.size() < MOST) {
      found.add(
          new Problem(place.pointer(), place.line(), place.column(), message, expected, example));
    }
  }

  /** Takes note of a mistake in the value of a key. */
  void add(Node.Place place, Key key, String message) {
    add(place, message, key.expected(), key.shownExample());
  }

  /**
   * Ensures that there is none.
   *
   * @throws JobSpecException if there is one
   */
  void ensureNone() {
    if (!found.isEmpty()) {
      List<Problem> sorted = new ArrayList<>(found);
      sorted.sort(
          Comparator.comparingInt(Problem::line)
              .thenComparingInt(Problem::column)
              .thenComparing(Problem::pointer));
      throw new JobSpecException(sorted);
    }
  }
}
