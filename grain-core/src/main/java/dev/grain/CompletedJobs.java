package dev.grain;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.BooleanSupplier;

/** The jobs of a group as they end, each handed out once. */
final class CompletedJobs implements Iterable<Job<?>> {
  private final Group group;
  private final BooleanSupplier open;

  // guarded by this
  private final Deque<Job<?>> ended = new ArrayDeque<>();

  /**
   * Starts without any.
   *
   * @param open whether jobs of the group are still to end
   */
  CompletedJobs(Group group, BooleanSupplier open) {
    this.group = group;
    this.open = open;
  }

  /** A job has ended; does nothing if that was known. */
  synchronized void add(SubmittedJob<?> job) {
    if (!job.listed) {
      job.listed = true;
      ended.addLast(job);
      notifyAll();
    }
  }

  /** Lets those that wait look again whether there is anything to wait for. */
  synchronized void wake() {
    notifyAll();
  }

  @Override
  public Iterator<Job<?>> iterator() {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return awaitNext();
      }

      @Override
      public Job<?> next() {
        return takeNext();
      }
    };
  }

  /** Waits for one that was not handed out. Returns false if there is none and none will come. */
  private synchronized boolean awaitNext() {
    while (ended.isEmpty() && open.getAsBoolean()) {
      RuntimeException reason = group.givenUp();
      if (reason != null) {
        throw reason;
      }
      try {
        wait();
      } catch (InterruptedException e) {
        throw new GrainInterruptedException("the next job of " + group);
      }
    }
    return !ended.isEmpty();
  }

  private synchronized Job<?> takeNext() {
    if (!awaitNext()) {
      throw new NoSuchElementException();
    }
    return ended.removeFirst();
  }
}
