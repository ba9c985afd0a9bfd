package dev.grain.head;

import dev.grain.Cause;
import dev.grain.dispatch.JobEnd;
import dev.grain.explain.Reason;
import dev.grain.schedule.Counts;
import dev.grain.schedule.Node;
import dev.grain.schedule.ScheduledJob;
import dev.grain.schedule.Scheduler;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Checks what must hold of the scheduler, and ends all jobs when it does not. To be used on the
 * head's loop.
 */
final class SelfCheck {
  /** For how many jobs the invariants may be checked after each pass. */
  private static final int JOBS_CHECKED = 100;

  /** With more jobs than this a check would keep the loop from its work for too long. */
  private static final int MOST_CHECKED = 10_000;

  private final Scheduler scheduler;
  private final NodeMessages messages;

  // all only accessed by the loop
  private @Nullable Consumer<String> onViolation;
  private int uncheckedPasses;
  private final Deque<ScheduledJob> toBreakOff = new ArrayDeque<>();
  // set when an invariant does not hold: then nothing is done any more
  private @Nullable String broken;

  SelfCheck(Scheduler scheduler, NodeMessages messages) {
    this.scheduler = scheduler;
    this.messages = messages;
  }

  /** Returns why the head has broken off; null if it has not. */
  @Nullable String broken() {
    return broken;
  }

  /** See {@link Head#checkPasses}. */
  void checkPasses(Consumer<String> receiver) {
    this.onViolation = receiver;
  }

  /** A check takes longer the more jobs there are, so there are fewer checks then. */
  void onPass() {
    Consumer<String> receiver = onViolation;
    if (receiver == null) {
      return;
    }
    Counts counts = scheduler.counts();
    uncheckedPasses++;
    long jobs = (long) counts.queued() + counts.sent() + counts.running();
    if (uncheckedPasses <= jobs / JOBS_CHECKED || jobs > MOST_CHECKED) {
      return;
    }
    uncheckedPasses = 0;
    try {
      scheduler.checkInvariants();
    } catch (IllegalStateException e) {
      breakOff(
          "an internal consistency check failed; this is a bug in Grain: " + e.getMessage(),
          receiver);
    }
  }

  /** See {@link Head#breakOff}. */
  void breakOff(String reason, Consumer<String> receiver) {
    if (broken == null) {
      broken = reason;
      toBreakOff.addAll(scheduler.unended());
      receiver.accept(reason);
    }
    Reason toAll = new Reason.Other(broken);
    // another time if this is in the middle of it, where memory was too short for all of them
    List<ScheduledJob> ended = new ArrayList<>();
    for (ScheduledJob job = toBreakOff.poll(); job != null; job = toBreakOff.poll()) {
      HeadJob each = (HeadJob) job;
      if (each.owner().outlivesHead()) {
        continue;
      }
      each.owner().deliver(each, new JobEnd.Ended(Cause.LOST, toAll, each.history()));
      ended.add(job);
    }
    // the last, as nothing can be sent where the loop has ended
    for (ScheduledJob job : ended) {
      Node node = job.node();
      if (node != null) {
        messages.stop(node, job);
      }
    }
    messages.flush();
  }
}
