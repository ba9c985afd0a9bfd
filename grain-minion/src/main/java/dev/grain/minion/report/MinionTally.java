package dev.grain.minion.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of one minion by its events. For one thread. */
final class MinionTally {
  private static final int MOST_TIMES = 256;
  private static final int LONGEST_TEXT = 200;

  private final Recent ends = new Recent(MOST_TIMES);
  private final MinionEvent first;
  private double start;
  private double end;
  private long generations;
  private long errors;
  private long processed;
  private double seconds;
  private long streak;
  private long longestStreak;
  private @Nullable String lastParam;
  private @Nullable String lastError;

  MinionTally(MinionEvent first) {
    // its names only: the item may be large
    this.first =
        new MinionEvent(
            first.uid(), 0, 0, 0, null, null, List.of(), first.nodename(), first.batch());
    this.start = first.start();
    this.end = first.end();
  }

  void add(MinionEvent event) {
    start = Math.min(start, event.start());
    end = Math.max(end, event.end());
    generations++;
    ends.add(event.end());
    lastParam = shortened(EventJson.text(event.param()));
    if (event.error() == null) {
      streak++;
      longestStreak = Math.max(longestStreak, streak);
    } else {
      streak = 0;
      errors++;
      lastError = event.error();
    }
    if (event.process() != null) {
      processed++;
      seconds += event.processSeconds();
    }
  }

  static String shortened(String text) {
    return text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) + "..." : text;
  }

  MinionEvent names() {
    return first;
  }

  double start() {
    return start;
  }

  double end() {
    return end;
  }

  long generations() {
    return generations;
  }

  long errors() {
    return errors;
  }

  long longestStreak() {
    return longestStreak;
  }

  double rate(double now, double window) {
    return ends.rate(now, Math.clamp(now - start, Tally.STEP, window));
  }

  double meanSeconds() {
    return processed == 0 ? 0 : seconds / processed;
  }

  @Nullable String lastParam() {
    return lastParam;
  }

  @Nullable String lastError() {
    return lastError;
  }
}
