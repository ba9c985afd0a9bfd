package dev.grain;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Some inputs of a {@code map} or {@code forEach} failed; all of them were tried, and the results
 * of the others are kept here.
 */
public final class MapException extends GrainException {
  private static final long serialVersionUID = 1;
  private static final int NAMED = 10;

  private final transient SortedMap<Long, JobException> failures;
  private final transient SortedMap<Long, @Nullable Object> successes;

  /**
   * Makes the exception; its cause is the first failure, the others are suppressed.
   *
   * @param inputs how many inputs were tried
   * @param failed how many of them failed
   * @param described how each failed input is named, by its index
   * @param failures the failures that are kept, by the index of their input, counted from 0; at
   *     least one
   * @param successes the values of the other inputs, by index; empty where they were streamed
   */
  public MapException(
      long inputs,
      long failed,
      Map<Long, String> described,
      SortedMap<Long, JobException> failures,
      SortedMap<Long, ? extends @Nullable Object> successes) {
    super(message(inputs, failed, described, failures), failures.firstEntry().getValue());
    this.failures = new TreeMap<>(failures);
    this.successes = new TreeMap<>(successes);
    failures.values().stream().skip(1).forEach(this::addSuppressed);
  }

  private static String message(
      long inputs,
      long failed,
      Map<Long, String> described,
      SortedMap<Long, JobException> failures) {
    String named =
        failures.entrySet().stream()
            .limit(NAMED)
            .map(entry ->
                "input %s (%s): %s"
                    .formatted(
                        entry.getKey(),
                        described.getOrDefault(entry.getKey(), "?"),
                        entry.getValue().getMessage()))
            .collect(Collectors.joining("; "));
    String more = failed > NAMED ? "; and %s more".formatted(failed - NAMED) : "";
    return "%s of %s inputs failed: %s%s".formatted(failed, inputs, named, more);
  }

  /**
   * Returns the failures by the index of their input, counted from 0: all those of a {@code map};
   * of a {@code forEach} or a stream the first 101 that were met.
   */
  public SortedMap<Long, JobException> failures() {
    return new TreeMap<>(failures);
  }

  /**
   * Returns the values of the inputs that succeeded, by index; empty where the results were
   * consumed as a stream.
   */
  public SortedMap<Long, @Nullable Object> successes() {
    return new TreeMap<>(successes);
  }
}
