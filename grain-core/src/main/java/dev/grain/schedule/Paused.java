package dev.grain.schedule;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.SequencedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The jobs that have failed and are not back in the queue: it is not decided yet whether they run
 * again, or it is not yet time. They count as queued.
 */
final class Paused {
  /** Those that await the decision. */
  private final SequencedSet<ScheduledJob> undecided = new LinkedHashSet<>();

  /** Those that wait for their time. */
  private final NavigableSet<ScheduledJob> delayed =
      new TreeSet<>(
          Comparator.comparingLong(ScheduledJob::due).thenComparingLong(ScheduledJob::number));

  void ask(ScheduledJob job) {
    job.paused = true;
    undecided.add(job);
  }

  void delay(ScheduledJob job, long due) {
    job.paused = true;
    job.setDue(due);
    delayed.add(job);
  }

  boolean isUndecided(ScheduledJob job) {
    return job.paused && undecided.contains(job);
  }

  void remove(ScheduledJob job) {
    job.paused = false;
    if (!undecided.remove(job)) {
      delayed.remove(job);
    }
  }

  /** Removes and returns the first job whose time has come; null if there is none. */
  @Nullable ScheduledJob pollDue(long now) {
    if (delayed.isEmpty() || delayed.getFirst().due() > now) {
      return null;
    }
    ScheduledJob job = delayed.removeFirst();
    job.paused = false;
    return job;
  }

  /** When the first of them is due; {@code Long.MAX_VALUE} for never. */
  long firstDue() {
    return delayed.isEmpty() ? Long.MAX_VALUE : delayed.getFirst().due();
  }

  List<ScheduledJob> all() {
    List<ScheduledJob> all = new ArrayList<>(undecided);
    all.addAll(delayed);
    return all;
  }
}
