package dev.grain.node;

import dev.grain.resource.internal.Demand;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Jobs that are on offer to those that run and ask for the same: when one of these ends, its thread
 * takes the next one, which gets the same slots. So a slot does not wait for the loop.
 *
 * <p>The loop offers jobs and may withdraw them; the threads of jobs take them. What is in the
 * queue is waiting; who removes it there, loop or thread, has it.
 */
final class HandOff {
  private final Demand demand;
  private final Queue<NodeJob> offered = new ConcurrentLinkedQueue<>();

  // all only accessed by the loop
  /** Those that were offered and are not known to have been taken. */
  final JobLine line = new JobLine();

  private int offers;

  /** How many jobs hold slots that can be handed over here. */
  int holders;

  HandOff(Demand demand) {
    this.demand = demand;
  }

  Demand demand() {
    return demand;
  }

  /** Returns how many were offered and are not known to have been taken. */
  int offers() {
    return offers;
  }

  /** Offers a job that waits; on the loop. */
  void offer(NodeJob job) {
    line.addLast(job);
    offers++;
    offered.add(job);
  }

  /** Takes the one that waits longest, or returns null if there is none; on the thread of a job. */
  @Nullable NodeJob take() {
    return offered.poll();
  }

  /** A thread has taken the job; on the loop. */
  void onTaken(NodeJob job) {
    if (!line.remove(job)) {
      throw new IllegalStateException(job + " was taken, but not on offer");
    }
    offers--;
  }

  /** Withdraws the one that waits longest, or returns null if all were taken; on the loop. */
  @Nullable NodeJob withdrawFirst() {
    NodeJob job = offered.poll();
    if (job != null) {
      onTaken(job);
    }
    return job;
  }

  /** Withdraws the job, unless it was taken; on the loop. */
  boolean withdraw(NodeJob job) {
    boolean withdrawn = offered.remove(job);
    if (withdrawn) {
      onTaken(job);
    }
    return withdrawn;
  }
}
