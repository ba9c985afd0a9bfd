package dev.grain.node;

import dev.grain.bytes.Bytes;
import dev.grain.loop.Loop;
import dev.grain.message.AttemptEnd;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Offer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The way to the {@link SlotQueue} of a node for its loop and for the threads of jobs, one at a
 * time.
 *
 * <p>The thread of a job that ends gives the slots back and begins by itself what fits then, so
 * that no slot waits for the loop. The loop receives all that as reports, in the order in which it
 * happened.
 */
final class Admission {
  /** How many jobs begin at once at most, before others may enter. */
  static final int MOST_AT_ONCE = 32;

  /** How often somebody looks whether it can enter before it waits: the stays are short. */
  private static final int LOOKS = 64;

  private final Loop loop;
  private final Runnable hear;
  private final ReentrantLock lock = new ReentrantLock();
  private final OutputRoom outputRoom;

  // all guarded by the lock
  private final SlotQueue queue;
  private final Queue<Report> reports = new ArrayDeque<>();
  // true from the moment the loop is notified of reports until it asks for them
  private boolean told;

  /**
   * Makes one for an idle node.
   *
   * @param hear to be run on the loop when there are reports
   */
  Admission(String node, Offer offer, Loop loop, EngineLimits limits, Runnable hear) {
    this.loop = loop;
    this.hear = hear;
    this.outputRoom = new OutputRoom(loop);
    this.queue = new SlotQueue(node, offer, limits, job -> reports.add(new Report.Began(job)));
  }

  private void enter() {
    for (int looks = LOOKS; looks > 0; looks--) {
      if (lock.tryLock()) {
        return;
      }
      Thread.onSpinWait();
    }
    lock.lock();
  }

  // ---------------------------------------------------------------- for the threads of jobs

  /**
   * The job has ended: its slots go to others.
   *
   * @return those that have begun, which the caller has to run; if {@link #MOST_AT_ONCE}, there may
   *     be more
   */
  List<NodeJob> ended(NodeJob job, AttemptEnd end) {
    long now = loop.now();
    List<NodeJob> toRun;
    boolean wakes;
    enter();
    try {
      HeldSlots held = SlotQueue.heldBy(job);
      NodeJob next = queue.handOver(held, now);
      reports.add(new Report.Finished(job, end, now - job.startedAt, next));
      if (next == null) {
        queue.release(held);
        toRun = queue.begin(now);
      } else {
        toRun = queue.beginWith(next, now);
      }
      wakes = tell();
    } finally {
      lock.unlock();
    }
    wake(wakes);
    return toRun;
  }

  /** Lets more begin after {@link #MOST_AT_ONCE}; as {@link #ended}. */
  List<NodeJob> beginMore() {
    List<NodeJob> toRun;
    boolean wakes;
    enter();
    try {
      toRun = queue.changed() ? queue.begin(loop.now()) : List.of();
      wakes = tell();
    } finally {
      lock.unlock();
    }
    wake(wakes);
    return toRun;
  }

  /** The job, which has begun, cannot run. The loop lets others begin in its place. */
  void notRun(NodeJob job, AttemptEnd failure) {
    boolean wakes;
    enter();
    try {
      queue.release(SlotQueue.heldBy(job));
      reports.add(new Report.Finished(job, failure, 0, null));
      wakes = tell();
    } finally {
      lock.unlock();
    }
    wake(wakes);
  }

  /** The job has printed something; waits while the loop has much output to receive. */
  void printed(NodeJob job, Bytes text, boolean error) {
    outputRoom.enter(text);
    boolean wakes;
    enter();
    try {
      reports.add(new Report.Printed(job, text, error));
      wakes = tell();
    } finally {
      lock.unlock();
    }
    wake(wakes);
  }

  /** Returns whether the loop must be notified of reports. */
  private boolean tell() {
    boolean tells = !told && !reports.isEmpty();
    told |= tells;
    return tells;
  }

  private void wake(boolean wakes) {
    if (wakes) {
      loop.post(hear);
    }
  }

  // ---------------------------------------------------------------- for the loop

  /** Adds jobs, which have an arrival, in its order. They begin with {@link #begin(List)}. */
  void add(List<NodeJob> arrived) {
    enter();
    try {
      queue.add(arrived);
    } finally {
      lock.unlock();
    }
  }

  /** Jobs have got another source. */
  void onMoved() {
    enter();
    try {
      queue.onMoved();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Lets begin what fits.
   *
   * @param congestedNow the sources whose jobs are not to begin
   * @return those that have begun, which the caller has to run; if {@link #MOST_AT_ONCE}, there may
   *     be more
   */
  List<NodeJob> begin(List<JobSource> congestedNow) {
    enter();
    try {
      queue.congested(congestedNow);
      return queue.changed() ? queue.begin(loop.now()) : List.of();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns whether a job that was added now would begin at once.
   *
   * @param before those that would be added before it
   */
  boolean hasRoom(Demand demand, List<NodeJob> before) {
    enter();
    try {
      return queue.hasRoom(demand, before);
    } finally {
      lock.unlock();
    }
  }

  /** Returns whether a job that waits lets no younger one begin. */
  boolean isBarred() {
    enter();
    try {
      return queue.isBarred();
    } finally {
      lock.unlock();
    }
  }

  /** Removes the next reports, at most so many, and returns them. */
  List<Report> takeReports(int most) {
    enter();
    try {
      int count = Math.min(most, reports.size());
      List<Report> taken = new ArrayList<>(count);
      for (int left = count; left > 0; left--) {
        Report report = reports.remove();
        if (report instanceof Report.Printed(_, Bytes text, _)) {
          outputRoom.leave(text);
        }
        taken.add(report);
      }
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Returns how many reports there are. */
  int reportCount() {
    enter();
    try {
      return reports.size();
    } finally {
      lock.unlock();
    }
  }

  /** The loop is about to ask for so many reports; it is notified again if there are more. */
  void onHearing(int most) {
    boolean wakes;
    enter();
    try {
      told = reports.size() > most;
      wakes = told;
    } finally {
      lock.unlock();
    }
    wake(wakes);
  }

  /** Removes a job that has not begun; returns whether it had not. */
  boolean takeBack(NodeJob job) {
    enter();
    try {
      return queue.takeBack(job);
    } finally {
      lock.unlock();
    }
  }

  /** Removes the jobs that have not begun, of one source or of all, in the order of arrival. */
  List<NodeJob> takeBackAll(@Nullable JobSource source) {
    enter();
    try {
      return queue.takeBackAll(source);
    } finally {
      lock.unlock();
    }
  }

  /** Returns the jobs that have begun and whose end was not reported to the loop yet. */
  List<NodeJob> unfinished() {
    enter();
    try {
      List<NodeJob> found = new ArrayList<>();
      for (Report report : reports) {
        if (report instanceof Report.Finished finished) {
          found.add(finished.job());
        }
      }
      found.addAll(queue.holders());
      return found;
    } finally {
      lock.unlock();
    }
  }

  /** Returns the jobs that hold slots, in the order in which these were taken. */
  List<NodeJob> holders() {
    enter();
    try {
      return queue.holders();
    } finally {
      lock.unlock();
    }
  }

  /** Returns whether no job holds slots and the loop has received all reports. */
  boolean isIdle() {
    enter();
    try {
      return queue.holders().isEmpty() && reports.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Checks that the slots are sound, which holds at any time.
   *
   * @throws IllegalStateException if that is not so
   */
  void checkSlots() {
    enter();
    try {
      queue.checkSlots();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Checks that the slots are sound, and that no waiting job fits that should have begun: none but
   * those that the loop is about to let begin in place of others, which could not run.
   *
   * @throws IllegalStateException if that is not so
   */
  void checkInvariants() {
    enter();
    try {
      if (reports.isEmpty() || !queue.changed()) {
        queue.checkInvariants();
      } else {
        queue.checkSlots();
      }
    } finally {
      lock.unlock();
    }
  }
}
