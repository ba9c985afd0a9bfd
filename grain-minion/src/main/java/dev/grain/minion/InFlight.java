package dev.grain.minion;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The items that a minion has, in a list in which each knows where it is: there are millions of
 * short ones, and a set would cost more than they do. For the thread of the loop.
 */
final class InFlight {
  private final List<ItemRun> items = new ArrayList<>();

  void add(ItemRun item) {
    item.index = items.size();
    items.add(item);
  }

  /** Removes an item; does nothing if it is not there. */
  void remove(ItemRun item) {
    if (!contains(item)) {
      return;
    }
    ItemRun last = items.removeLast();
    if (last != item) {
      items.set(item.index, last);
      last.index = item.index;
    }
    item.index = -1;
  }

  boolean contains(ItemRun item) {
    return item.index >= 0;
  }

  int size() {
    return items.size();
  }

  boolean isEmpty() {
    return items.isEmpty();
  }

  /** Returns them, in no order; changes with it. */
  List<ItemRun> all() {
    return items;
  }

  /** Returns them as they are now, those first that were taken first. */
  List<ItemRun> byAge() {
    return items.stream().sorted(Comparator.comparingLong(item -> item.generation)).toList();
  }
}
