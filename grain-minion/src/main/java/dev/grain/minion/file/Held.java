package dev.grain.minion.file;

import dev.grain.minion.file.Segment.Item;
import java.util.BitSet;
import java.util.List;

/** Items that this minion has claimed. For one thread. */
final class Held {
  private final int number;
  private final List<Item> items;
  // when they were claimed
  private final long since;
  private final BitSet settled = new BitSet();
  private int settledCount;
  private long acked;
  private long dead;

  /**
   * Makes a claim of which nothing is settled.
   *
   * @param number its number in the log
   * @param items the items, with all deliveries that are known
   */
  Held(int number, List<Item> items, long since) {
    this.number = number;
    this.items = items;
    this.since = since;
  }

  int number() {
    return number;
  }

  List<Item> items() {
    return items;
  }

  long since() {
    return since;
  }

  void acked(int item) {
    acked++;
    settled(item);
  }

  void dead(int item) {
    dead++;
    settled(item);
  }

  /** An item is over, or was published for others. */
  void settled(int item) {
    settled.set(item);
    settledCount++;
  }

  boolean isSettled(int item) {
    return settled.get(item);
  }

  boolean isOver() {
    return settledCount == items.size();
  }

  /** Returns the line for the log that says that it is over. */
  String line() {
    return "f " + number + " " + acked + " " + dead;
  }
}
