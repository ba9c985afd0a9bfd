package dev.grain.service.event;

import java.util.ArrayList;
import java.util.List;

/**
 * The latest changes, each with a number, which is that of the one before and one more. Not safe
 * for several threads.
 */
final class RecentChanges {
  private final Change[] changes;
  private long last;

  /**
   * Makes one.
   *
   * @param most how many are kept
   */
  RecentChanges(int most) {
    this.changes = new Change[most];
  }

  void add(long job) {
    last++;
    changes[index(last)] = new Change(last, job);
  }

  private int index(long number) {
    return (int) (number % changes.length);
  }

  /** Returns the number of the latest change; 0 before the first. */
  long last() {
    return last;
  }

  /** Returns whether all changes after one are kept. */
  boolean hasAllAfter(long number) {
    return number >= Math.max(0, last - changes.length) && number <= last;
  }

  /**
   * Returns changes, all of which must be kept.
   *
   * @param number of the change before the first of them
   * @param most how many at most
   */
  List<Change> after(long number, int most) {
    assert hasAllAfter(number);
    int count = (int) Math.min(most, last - number);
    List<Change> some = new ArrayList<>(count);
    for (long each = number + 1; each <= number + count; each++) {
      some.add(changes[index(each)]);
    }
    return some;
  }
}
