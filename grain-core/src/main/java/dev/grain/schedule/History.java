package dev.grain.schedule;

import dev.grain.job.Attempt;
import dev.grain.text.Durations;
import java.util.ArrayList;
import java.util.List;

/** Tells people of the attempts of a job. */
public final class History {
  /** How many attempts are told at most. */
  private static final int SHOWN = 10;

  private History() {}

  /**
   * Returns a line for each attempt, each after a line break, if there are several; nothing if not.
   * Of many attempts, only the last ones are told.
   */
  public static String lines(List<Attempt> attempts) {
    if (attempts.size() < 2) {
      return "";
    }
    List<String> lines = new ArrayList<>();
    int hidden = Math.max(0, attempts.size() - SHOWN);
    if (hidden > 0) {
      lines.add("\n  (%d earlier attempts)".formatted(hidden));
    }
    for (Attempt attempt : attempts.subList(hidden, attempts.size())) {
      lines.add(
          "\n  attempt %d on %s: %s".formatted(attempt.number(), attempt.worker(), end(attempt)));
    }
    return String.join("", lines);
  }

  /** Returns the attempt in words, for example {@code attempt 2 on node1 failed after 3.2 s}. */
  static String words(Attempt attempt) {
    return "attempt %d on %s %s".formatted(attempt.number(), attempt.worker(), end(attempt));
  }

  private static String end(Attempt attempt) {
    String after = " after " + Durations.rounded(attempt.ran());
    return attempt
        .failure()
        .map(cause ->
            switch (cause) {
              case FAILED -> "failed" + after;
              case TIMED_OUT -> "timed out" + after;
              case CANCELLED -> "was cancelled" + after;
              case LOST -> "was lost" + after;
              case NOT_STARTED -> "was not started";
            })
        .orElse("succeeded" + after);
  }
}
