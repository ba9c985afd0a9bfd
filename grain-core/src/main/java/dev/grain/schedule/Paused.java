package dev.grain.schedule;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The jobs that are not in the queue and at no node: of some that have failed it is not decided yet
 * whether they run again, or it is not yet time; some are held; and of some the node is away that
 * may have them. They count as queued.
 */
final class Paused {
  /** Those that await the decision. */
  private final SequencedSet<ScheduledJob> undecided = new LinkedHashSet<>();

  /** Those that wait for their time. */
  private final NavigableSet<ScheduledJob> delayed =
      new TreeSet<>(
          Comparator.comparingLong(ScheduledJob::due).thenComparingLong(ScheduledJob::number));

  /** Those that are held. */
  private final SequencedSet<ScheduledJob> held = new LinkedHashSet<>();

  /** Those whose node is away. */
  private final SequencedMap<ScheduledJob, Away> awaited = new LinkedHashMap<>();

  /**
   * Where a job is whose node is away.
   *
   * @param worker the name of the worker
   * @param started whether it is known to have started there
   * @param startedAt when, on the clock of the scheduler; not used if it has not
   */
  record Away(String worker, boolean started, long startedAt) {
    Duration ran(long now) {
      return started ? Duration.ofNanos(Math.max(0, now - startedAt)) : Duration.ZERO;
    }
  }

  void hold(ScheduledJob job) {
    job.paused = true;
    held.add(job);
  }

  boolean isHeld(ScheduledJob job) {
    return job.paused && held.contains(job);
  }

  void await(ScheduledJob job, Away away) {
    job.paused = true;
    awaited.put(job, away);
  }

  /** Returns where the job is if its node is away; null otherwise. */
  @Nullable Away away(ScheduledJob job) {
    return job.paused ? awaited.get(job) : null;
  }

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
    if (!undecided.remove(job) && !held.remove(job) && awaited.remove(job) == null) {
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
    all.addAll(held);
    all.addAll(awaited.keySet());
    return all;
  }
}
