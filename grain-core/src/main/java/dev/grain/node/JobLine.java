package dev.grain.node;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Jobs in an order, mostly that of arrival, linked by fields of their own, so that any can be
 * removed at once. A job is in one line at a time. Guarded by the {@link Admission}.
 */
final class JobLine {
  private @Nullable NodeJob first;
  private @Nullable NodeJob last;
  private int size;

  @Nullable NodeJob first() {
    return first;
  }

  int size() {
    return size;
  }

  boolean contains(NodeJob job) {
    return job.line == this;
  }

  boolean isEmpty() {
    return first == null;
  }

  /** Returns whether all of them came after the job. */
  boolean isYounger(NodeJob job) {
    return first == null || first.arrival > job.arrival;
  }

  void addLast(NodeJob job) {
    insert(job, null);
  }

  /**
   * Adds a job where it belongs by its arrival.
   *
   * @param from where to start the search: a job of this line that came before it, or null for the
   *     front
   */
  void addInOrder(NodeJob job, @Nullable NodeJob from) {
    NodeJob after = from == null ? first : from;
    while (after != null && after.arrival < job.arrival) {
      after = after.next;
    }
    insert(job, after);
  }

  private void insert(NodeJob job, @Nullable NodeJob after) {
    NodeJob before = after == null ? last : after.previous;
    size++;
    job.line = this;
    job.previous = before;
    job.next = after;
    if (before == null) {
      first = job;
    } else {
      before.next = job;
    }
    if (after == null) {
      last = job;
    } else {
      after.previous = job;
    }
  }

  /** Removes the job and returns true, or returns false if it is not in this line. */
  boolean remove(NodeJob job) {
    if (!contains(job)) {
      return false;
    }
    NodeJob before = job.previous;
    NodeJob after = job.next;
    if (before == null) {
      first = after;
    } else {
      before.next = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.previous = before;
    }
    size--;
    job.line = null;
    job.previous = null;
    job.next = null;
    return true;
  }

  List<NodeJob> toList() {
    List<NodeJob> jobs = new ArrayList<>();
    for (NodeJob job = first; job != null; job = job.next) {
      jobs.add(job);
    }
    return jobs;
  }
}
