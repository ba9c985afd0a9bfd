package dev.grain.schedule;

import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Lease;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/**
 * The slots of one node that are accounted for jobs that are not known to have started: the node
 * may give them to others.
 */
final class Promises {
  /** Jobs that wait at the node, in the order in which they got the slots. */
  final JobList waiting = new JobList.Side();

  /** Jobs at other nodes for which slots are kept until they are taken back from there. */
  final JobList incoming = new JobList.Side();

  private final List<SequencedSet<ScheduledJob>> byCore = new ArrayList<>();
  private final List<SequencedSet<ScheduledJob>> byGpu = new ArrayList<>();

  /** Adds a job that has got its lease, and its destination if it is to have one. */
  void add(ScheduledJob job) {
    listOf(job).addLast(job);
    Fractions fractions = fractions(job);
    if (fractions.core() != Fractions.UNNAMED) {
      sharing(byCore, fractions.core()).add(job);
    }
    if (fractions.gpu() != Fractions.UNNAMED) {
      sharing(byGpu, fractions.gpu()).add(job);
    }
  }

  /** Removes a job that still has what it was added with. */
  void remove(ScheduledJob job) {
    listOf(job).remove(job);
    Fractions fractions = fractions(job);
    if (fractions.core() != Fractions.UNNAMED) {
      sharing(byCore, fractions.core()).remove(job);
    }
    if (fractions.gpu() != Fractions.UNNAMED) {
      sharing(byGpu, fractions.gpu()).remove(job);
    }
  }

  /** Returns the job that loses its slots first. */
  @Nullable ScheduledJob last() {
    return incoming.isEmpty() ? waiting.last() : incoming.last();
  }

  /** Returns a job that has a part of the core at that position. */
  @Nullable ScheduledJob lastOnCore(int position) {
    return last(sharing(byCore, position));
  }

  /** Returns a job that has a part of the GPU at that position. */
  @Nullable ScheduledJob lastOnGpu(int position) {
    return last(sharing(byGpu, position));
  }

  /** Tells whether the job is found by the parts that it has. */
  boolean finds(ScheduledJob job) {
    Fractions fractions = fractions(job);
    return isListed(job, byCore, fractions.core()) && isListed(job, byGpu, fractions.gpu());
  }

  private static boolean isListed(
      ScheduledJob job, List<SequencedSet<ScheduledJob>> index, int position) {
    return position == Fractions.UNNAMED || sharing(index, position).contains(job);
  }

  private JobList listOf(ScheduledJob job) {
    return job.destination == null ? waiting : incoming;
  }

  private static Fractions fractions(ScheduledJob job) {
    Lease lease = Objects.requireNonNull(job.lease);
    return lease.fractions();
  }

  private static SequencedSet<ScheduledJob> sharing(
      List<SequencedSet<ScheduledJob>> index, int position) {
    while (index.size() <= position) {
      index.add(new LinkedHashSet<>());
    }
    return index.get(position);
  }

  private static @Nullable ScheduledJob last(SequencedSet<ScheduledJob> jobs) {
    return jobs.isEmpty() ? null : jobs.getLast();
  }
}
