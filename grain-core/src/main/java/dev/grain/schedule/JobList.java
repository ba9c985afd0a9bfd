package dev.grain.schedule;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A list of jobs that are linked by fields of their own, so that any can be removed at once. */
abstract sealed class JobList {
  private @Nullable ScheduledJob first;
  private @Nullable ScheduledJob last;
  private int size;

  abstract @Nullable ScheduledJob next(ScheduledJob job);

  abstract @Nullable ScheduledJob previous(ScheduledJob job);

  abstract void link(
      ScheduledJob job, @Nullable ScheduledJob previous, @Nullable ScheduledJob next);

  /** The list of a queue, or of the jobs that wait at a node; a job is in one at a time. */
  static final class Line extends JobList {
    @Override
    @Nullable ScheduledJob next(ScheduledJob job) {
      return job.next;
    }

    @Override
    @Nullable ScheduledJob previous(ScheduledJob job) {
      return job.previous;
    }

    @Override
    void link(ScheduledJob job, @Nullable ScheduledJob previous, @Nullable ScheduledJob next) {
      job.previous = previous;
      job.next = next;
    }
  }

  /** The list of the jobs of a class that were sent ahead, or of those with unstarted leases. */
  static final class Side extends JobList {
    @Override
    @Nullable ScheduledJob next(ScheduledJob job) {
      return job.sideNext;
    }

    @Override
    @Nullable ScheduledJob previous(ScheduledJob job) {
      return job.sidePrevious;
    }

    @Override
    void link(ScheduledJob job, @Nullable ScheduledJob previous, @Nullable ScheduledJob next) {
      job.sidePrevious = previous;
      job.sideNext = next;
    }
  }

  final @Nullable ScheduledJob first() {
    return first;
  }

  final @Nullable ScheduledJob last() {
    return last;
  }

  final int size() {
    return size;
  }

  final boolean isEmpty() {
    return first == null;
  }

  final void addLast(ScheduledJob job) {
    insert(job, last, null);
  }

  /** Adds the job before the first one of a higher rank, looking from the front. */
  final int addFromFront(ScheduledJob job) {
    int visited = 1;
    ScheduledJob after = first;
    while (after != null && after.rank < job.rank) {
      after = next(after);
      visited++;
    }
    insert(job, after == null ? last : previous(after), after);
    return visited;
  }

  private void insert(
      ScheduledJob job, @Nullable ScheduledJob before, @Nullable ScheduledJob after) {
    link(job, before, after);
    if (before == null) {
      first = job;
    } else {
      link(before, previous(before), job);
    }
    if (after == null) {
      last = job;
    } else {
      link(after, job, next(after));
    }
    size++;
  }

  final void remove(ScheduledJob job) {
    ScheduledJob before = previous(job);
    ScheduledJob after = next(job);
    if (before == null) {
      assert first == job;
      first = after;
    } else {
      link(before, previous(before), after);
    }
    if (after == null) {
      assert last == job;
      last = before;
    } else {
      link(after, before, next(after));
    }
    link(job, null, null);
    size--;
  }

  final List<ScheduledJob> toList() {
    List<ScheduledJob> jobs = new ArrayList<>(size);
    for (ScheduledJob job = first; job != null; job = next(job)) {
      jobs.add(job);
    }
    return jobs;
  }
}
