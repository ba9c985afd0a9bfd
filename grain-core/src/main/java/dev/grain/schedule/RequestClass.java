package dev.grain.schedule;

import dev.grain.resource.internal.Demand;
import org.jspecify.annotations.Nullable;

/**
 * All jobs of a line that ask for the same and need the same to be made ready; they are served in
 * the order of their ranks.
 */
final class RequestClass {
  /**
   * What makes jobs belong to one class.
   *
   * @param time how long a node must still be there, in nanoseconds; 0 if that does not matter
   * @param preparation what a node has to make ready for them; null if nothing
   */
  record Key(Demand demand, boolean alone, long time, Line line, @Nullable Object preparation) {}

  final Key key;

  // of the key, as it is read for each job
  private final Demand demand;
  private final boolean alone;

  /** Its place in the indexes over classes. Written by RequestClasses, as the vectors are. */
  int leaf;

  /** Those that wait on the head. Written by JobQueue. */
  final JobList queue = new JobList.Line();

  /**
   * Those that wait at a node without slots, and are not being taken back. Written by SentAhead.
   */
  final JobList ahead = new JobList.Side();

  /** What it asks for, in the dimensions of the indexes over nodes. */
  long[] wanted;

  /** The same with the sign changed, for the indexes over classes. */
  long[] negated;

  /** How many of its jobs have not ended. Written by RequestClasses. */
  int unended;

  /**
   * The last time that a node gave slots to waiting jobs and had none for one of these. Written by
   * SentAhead.
   */
  long refusedIn;

  /** Whether no node could ever run them. Written by RequestClasses. */
  boolean unmeetable;

  RequestClass(Key key, int leaf, long[] wanted, long[] negated) {
    this.key = key;
    this.demand = key.demand();
    this.alone = key.alone();
    this.leaf = leaf;
    this.wanted = wanted;
    this.negated = negated;
  }

  Demand demand() {
    return demand;
  }

  /** How long a node must still be there, in nanoseconds; 0 if that does not matter. */
  long time() {
    return key.time();
  }

  boolean alone() {
    return alone;
  }

  Line line() {
    return key.line();
  }

  /** What a node has to make ready for them; null if nothing. */
  @Nullable Object preparation() {
    return key.preparation();
  }

  /** Whether its jobs ask for what those of the other ask for, so that both fit the same nodes. */
  boolean asksAs(RequestClass other) {
    return this == other
        || (alone == other.alone && time() == other.time() && demand.equals(other.demand));
  }

  /** The first job of the queue, which must not be empty. */
  ScheduledJob head() {
    ScheduledJob first = queue.first();
    if (first == null) {
      throw new IllegalStateException("No job of " + key + " is queued");
    }
    return first;
  }

  @Override
  public String toString() {
    return demand + (alone ? ", alone" : "");
  }
}
