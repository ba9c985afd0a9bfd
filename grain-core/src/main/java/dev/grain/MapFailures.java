package dev.grain;

import dev.grain.text.Exceptions;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The inputs of a map that have failed. Only accessed by the thread that takes the results. */
final class MapFailures {
  /** How many characters of an input a message shows. */
  private static final int SHOWN = 80;

  private final int kept;
  private final SortedMap<Long, JobException> failures = new TreeMap<>();
  private final Map<Long, String> described = new HashMap<>();
  private long failed;

  /**
   * Makes an empty one.
   *
   * @param kept how many failures to keep beside the first; further ones are only counted
   */
  MapFailures(int kept) {
    this.kept = kept;
  }

  void add(long index, @Nullable Object input, JobException failure) {
    failed++;
    if (failures.size() <= kept) {
      failures.put(index, failure);
      described.put(index, describe(input));
    }
  }

  boolean isEmpty() {
    return failures.isEmpty();
  }

  /**
   * Returns the exception that the map throws; there must be a failure.
   *
   * @param inputs how many inputs were tried
   * @param successes the results of the others, by index
   */
  MapException toException(long inputs, SortedMap<Long, @Nullable Object> successes) {
    return new MapException(inputs, failed, described, failures, successes);
  }

  private static String describe(@Nullable Object input) {
    String text =
        input == null
            ? "null"
            : Exceptions.read(input::toString).orElseGet(() -> "a " + input.getClass().getName());
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN - 3) + "...";
  }
}
