package dev.grain.schedule;

import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Lease;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The slots of one node that are accounted for jobs that are not known to have started: the node
 * may give them to others; see "Who gets slots next" in {@code docs/architecture.md}.
 */
final class UnstartedLeases {
  /** How many jobs that have a part of the same core are expected. */
  private static final int FEW = 4;

  /** Jobs that wait at the node, in the order in which they got the slots. */
  final JobList waiting = new JobList.Side();

  /** Jobs at other nodes for which slots are kept until they are taken back from there. */
  final JobList incoming = new JobList.Side();

  // jobs start about in the order in which they got their slots, so one that leaves is near the
  // front
  private final List<Deque<ScheduledJob>> byCore = new ArrayList<>();
  private final List<Deque<ScheduledJob>> byGpu = new ArrayList<>();

  /** Adds a job that has got its lease, and its destination if it is to have one. */
  void add(ScheduledJob job) {
    listOf(job).addLast(job);
    Fractions fractions = fractions(job);
    if (fractions.core() != Fractions.UNNAMED) {
      sharing(byCore, fractions.core()).addLast(job);
    }
    if (fractions.gpu() != Fractions.UNNAMED) {
      sharing(byGpu, fractions.gpu()).addLast(job);
    }
  }

  /** Removes a job that still has what it was added with. */
  void remove(ScheduledJob job) {
    listOf(job).remove(job);
    Fractions fractions = fractions(job);
    if (fractions.core() != Fractions.UNNAMED) {
      sharing(byCore, fractions.core()).removeFirstOccurrence(job);
    }
    if (fractions.gpu() != Fractions.UNNAMED) {
      sharing(byGpu, fractions.gpu()).removeFirstOccurrence(job);
    }
  }

  /** Returns the job that loses its slots first. */
  @Nullable ScheduledJob last() {
    return incoming.isEmpty() ? waiting.last() : incoming.last();
  }

  /** Returns a job that has a part of the core at that position. */
  @Nullable ScheduledJob lastOnCore(int position) {
    return sharing(byCore, position).peekLast();
  }

  /** Returns a job that has a part of the GPU at that position. */
  @Nullable ScheduledJob lastOnGpu(int position) {
    return sharing(byGpu, position).peekLast();
  }

  /** Tells whether the job is found by the parts that it has. */
  boolean finds(ScheduledJob job) {
    Fractions fractions = fractions(job);
    return isListed(job, byCore, fractions.core()) && isListed(job, byGpu, fractions.gpu());
  }

  private static boolean isListed(ScheduledJob job, List<Deque<ScheduledJob>> index, int position) {
    return position == Fractions.UNNAMED || sharing(index, position).contains(job);
  }

  private JobList listOf(ScheduledJob job) {
    return job.destination == null ? waiting : incoming;
  }

  private static Fractions fractions(ScheduledJob job) {
    Lease lease = Objects.requireNonNull(job.lease);
    return lease.fractions();
  }

  private static Deque<ScheduledJob> sharing(List<Deque<ScheduledJob>> index, int position) {
    while (index.size() <= position) {
      index.add(new ArrayDeque<>(FEW));
    }
    return index.get(position);
  }
}
