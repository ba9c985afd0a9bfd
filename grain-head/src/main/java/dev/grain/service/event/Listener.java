package dev.grain.service.event;

import dev.grain.service.store.Jobs;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Somebody who wants to know what becomes of jobs. What it has not taken waits in a queue; if that
 * is full, its content is dropped, and the listener learns that it has missed something. To be
 * closed by whoever has opened it.
 */
public final class Listener implements AutoCloseable {
  /** How many events wait for a listener at most. */
  public static final int MOST = 1000;

  private static final int SOME = 100;

  private final JobEvents events;
  private final String user;
  private final Predicate<Jobs.Labelled> wants;

  // all guarded by this
  private final Deque<JobEvent> queue = new ArrayDeque<>();
  private boolean missed;
  private boolean over;
  private long told;

  /** What there is for a listener. */
  public sealed interface Told {}

  /** Jobs that have changed. */
  public record Changed(List<One> events) implements Told {
    /**
     * One of them.
     *
     * @param id by which a listener that lost its connection goes on after it
     */
    public record One(String id, JobEvent event) {}
  }

  /** Some changes were not told; the listener has to ask for all jobs that it wants to know. */
  public record Missed(String id) implements Told {}

  /** Nothing has changed that the listener wants to know. */
  public record Nothing(String id) implements Told {}

  /** The head is ending. */
  public record Over() implements Told {}

  /**
   * Makes one.
   *
   * @param wants which jobs it wants to know of
   * @param told the number of the latest change that it is not told
   */
  Listener(JobEvents events, String user, Predicate<Jobs.Labelled> wants, long told) {
    this.events = events;
    this.user = user;
    this.wants = wants;
    this.told = told;
  }

  String user() {
    return user;
  }

  /** Tells it what it has missed before it was there, before anything else. */
  synchronized void begin(List<JobEvent> history, boolean all) {
    List<JobEvent> later = List.copyOf(queue);
    queue.clear();
    missed |= !all;
    history.forEach(this::add);
    later.forEach(this::add);
  }

  /**
   * Tells it some changes.
   *
   * @param upTo the number of the latest change that is told herewith
   */
  synchronized void tell(List<JobEvent> some, long upTo) {
    if (upTo <= told) {
      return;
    }
    for (JobEvent each : some) {
      if (each.number() > told) {
        add(each);
      }
    }
    told = upTo;
    notifyAll();
  }

  private void add(JobEvent event) {
    if (wants.test(event.labelled())) {
      if (queue.size() == MOST) {
        queue.clear();
        missed = true;
      }
      queue.add(event);
    }
  }

  /**
   * Tells it that changes are lost.
   *
   * @param upTo the number of the latest of them
   */
  synchronized void miss(long upTo) {
    queue.clear();
    missed = true;
    told = Math.max(told, upTo);
    notifyAll();
  }

  /** Tells it that there will be no more events. */
  synchronized void end() {
    over = true;
    notifyAll();
  }

  /** Returns what there is by now, and waits for a while if there is nothing. */
  public synchronized Told take(Duration patience) throws InterruptedException {
    long until = System.nanoTime() + patience.toNanos();
    long left = patience.toNanos();
    while (queue.isEmpty() && !missed && !over && left > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
      left = until - System.nanoTime();
    }
    if (over) {
      return new Over();
    }
    if (missed) {
      missed = false;
      // what waits comes after it
      JobEvent next = queue.peek();
      return new Missed(events.id(next == null ? told : next.number() - 1));
    }
    if (queue.isEmpty()) {
      return new Nothing(events.id(told));
    }
    List<Changed.One> some = new ArrayList<>();
    for (JobEvent next = queue.poll(); next != null; next = queue.poll()) {
      some.add(new Changed.One(events.id(next.number()), next));
      if (some.size() == SOME) {
        break;
      }
    }
    return new Changed(some);
  }

  /** Returns up to which change everything is told, or waits to be taken. */
  public synchronized String id() {
    JobEvent next = queue.peek();
    return events.id(next == null ? told : next.number() - 1);
  }

  @Override
  public void close() {
    events.remove(this);
  }
}
