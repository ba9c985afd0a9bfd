package dev.grain.node;

import dev.grain.resource.internal.Demand;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Jobs that are on offer to those that run and ask for the same: when one of these ends, its thread
 * takes the next one, which gets the same slots. So a slot does not wait for the loop.
 *
 * <p>The loop offers jobs and may withdraw them; the threads of jobs take them. Who claims a job
 * first, loop or thread, has it. One that the loop has withdrawn from the middle of the queue stays
 * there for a while and is passed over, as looking for it would take longer the more are on offer.
 */
final class HandOff {
  /** How many jobs that were withdrawn may stay in the queue, beside as many as are on offer. */
  private static final int MOST_LEFT = 64;

  private final Demand demand;
  private final Queue<NodeJob> offered = new ConcurrentLinkedQueue<>();

  // all only accessed by the loop
  /** Those that were offered and are not known to have been taken. */
  final JobLine line = new JobLine();

  private int offers;
  // how many were withdrawn and may still be in the queue
  private int left;

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
    job.unclaim();
    offered.add(job);
  }

  /** Takes the one that waits longest, or returns null if there is none; for any thread. */
  @Nullable NodeJob take() {
    NodeJob job = offered.poll();
    while (job != null && !job.claim()) {
      job = offered.poll();
    }
    return job;
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
    NodeJob job = take();
    if (job != null) {
      onTaken(job);
    }
    return job;
  }

  /** Withdraws the job, which is on offer here, unless it was taken; on the loop. */
  boolean withdraw(NodeJob job) {
    boolean withdrawn = line.contains(job) && job.claim();
    if (withdrawn) {
      onTaken(job);
      left++;
      if (left > MOST_LEFT + offers) {
        offered.removeIf(NodeJob::isClaimed);
        left = 0;
      }
    }
    return withdrawn;
  }
}
