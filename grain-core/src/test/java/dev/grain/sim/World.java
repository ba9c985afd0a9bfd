package dev.grain.sim;

import java.util.PriorityQueue;
import java.util.random.RandomGenerator;

/** The virtual time of a simulation and everything that is still to happen in it. */
final class World {
  /** Something that happens at a time; among those of the same time, in the order of asking. */
  private record Event(long time, long sequence, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int order = Long.compare(time, other.time);
      return order != 0 ? order : Long.compare(sequence, other.sequence);
    }
  }

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final RandomGenerator random;
  private long now;
  private long nextSequence;

  World(RandomGenerator random) {
    this.random = random;
  }

  /** Returns the source of everything that is left to chance. */
  RandomGenerator random() {
    return random;
  }

  /** Returns the nanoseconds since the beginning. */
  long now() {
    return now;
  }

  void at(long time, Runnable action) {
    events.add(new Event(Math.max(time, now), nextSequence++, action));
  }

  void after(long delay, Runnable action) {
    at(now + delay, action);
  }

  /** Lets the next thing happen, and returns whether there was one. */
  boolean step() {
    Event next = events.poll();
    if (next == null) {
      return false;
    }
    now = next.time;
    next.action.run();
    return true;
  }

  /** Returns a number from 0 to below the bound. */
  int below(int bound) {
    return random.nextInt(bound);
  }

  /** Returns true that many times of a hundred. */
  boolean percent(int chance) {
    return random.nextInt(100) < chance;
  }

  /** Returns a number from the least one up, of any size as likely as of any other. */
  long scaled(long least, int doublings) {
    long size = least << below(doublings);
    return size + random.nextLong(size);
  }
}
