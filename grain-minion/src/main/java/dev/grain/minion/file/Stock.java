package dev.grain.minion.file;

import dev.grain.minion.file.Segment.Item;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The items that a minion has claimed and that are not over, in memory. For one thread. */
final class Stock {
  private final SequencedMap<Integer, Held> held = new LinkedHashMap<>();
  // those that can be delivered, now or later
  private final Deque<Parcel> waiting = new ArrayDeque<>();
  private final PriorityQueue<Parcel> delayed = byDue();
  // those that were given back, and are to be published
  private final PriorityQueue<Parcel> returning = byDue();

  /** An item that is claimed, and due at some time. */
  record Parcel(Held claim, int place, Item item, long due) {
    /** Returns it as it is for others: with what is left of the delay. */
    private Parcel later(long now) {
      long left = Math.max(0, due - now);
      int millis = (int) Math.min(Integer.MAX_VALUE, (left + 999_999) / 1_000_000);
      return new Parcel(
          claim, place, new Item(item.id(), item.value(), item.deliveries(), millis), due);
    }
  }

  private static PriorityQueue<Parcel> byDue() {
    return new PriorityQueue<>(Comparator.comparingLong(Parcel::due));
  }

  boolean isEmpty() {
    return held.isEmpty();
  }

  /** Returns the claims that are open. */
  SequencedMap<Integer, Held> held() {
    return held;
  }

  /** Adds the items of a claim. */
  Held add(int number, List<Item> items, long now) {
    Held claim = new Held(number, items, now);
    held.put(number, claim);
    for (int i = 0; i < items.size(); i++) {
      Item item = items.get(i);
      if (item.delay() > 0) {
        delayed.add(new Parcel(claim, i, item, now + Duration.ofMillis(item.delay()).toNanos()));
      } else {
        waiting.add(new Parcel(claim, i, item, now));
      }
    }
    return claim;
  }

  /** Removes a claim of which nothing is left. */
  void remove(Held claim) {
    held.remove(claim.number());
  }

  /** Takes the next item that can be delivered; null if there is none. */
  @Nullable Parcel takeDue(long now) {
    Parcel first = delayed.peek();
    return first != null && first.due() - now <= 0 ? delayed.poll() : waiting.poll();
  }

  /** Returns the next item that waits only for those before it; null if there is none. */
  @Nullable Parcel firstWaiting() {
    return waiting.peek();
  }

  /** Takes all items that wait only for those before them. */
  List<Parcel> takeWaiting() {
    List<Parcel> all = List.copyOf(waiting);
    waiting.clear();
    return all;
  }

  /** Adds an item that goes back to the queue when it is due. */
  void giveBack(Parcel parcel) {
    returning.add(parcel);
  }

  /**
   * Takes the items that are due to go back, if there are many, or the first has waited for long.
   *
   * @param many how many of them are enough, whether due or not
   * @param patience how long the first of them may be overdue
   */
  List<Parcel> takeReturning(long now, int many, long patience) {
    List<Parcel> due = new ArrayList<>();
    Parcel first = returning.peek();
    if (first == null || now - first.due() < (returning.size() >= many ? 0 : patience)) {
      return due;
    }
    while (first != null && first.due() - now <= 0) {
      due.add(returning.remove());
      first = returning.peek();
    }
    return due;
  }

  /** Takes all that was not delivered, or was given back, with what is left of the delays. */
  List<Parcel> takeAll(long now) {
    List<Parcel> all = new ArrayList<>(takeWaiting());
    delayed.forEach(parcel -> all.add(parcel.later(now)));
    delayed.clear();
    returning.forEach(parcel -> all.add(parcel.later(now)));
    returning.clear();
    return all;
  }

  /** Forgets a claim with its items: another minion has them. */
  void forget(Held claim) {
    held.remove(claim.number());
    waiting.removeIf(parcel -> parcel.claim() == claim);
    delayed.removeIf(parcel -> parcel.claim() == claim);
    returning.removeIf(parcel -> parcel.claim() == claim);
  }

  /**
   * Makes one claim of all.
   *
   * @param number the number of the new claim, which has the items that are not settled, in order
   * @param count how many these are
   * @return what turns an item into that of the new claim, for items that are with nobody here
   */
  UnaryOperator<Parcel> unite(int number, int count, long now) {
    Map<Held, Map<Integer, Integer>> places = new HashMap<>();
    List<Item> items = new ArrayList<>();
    for (Held claim : held.values()) {
      Map<Integer, Integer> ofClaim = new HashMap<>();
      for (int i = 0; i < claim.items().size(); i++) {
        if (!claim.isSettled(i)) {
          ofClaim.put(i, items.size());
          items.add(claim.items().get(i));
        }
      }
      places.put(claim, ofClaim);
    }
    if (items.size() != count) {
      throw new IllegalStateException(
          "The log has %s open items, but the minion has %s.".formatted(count, items.size()));
    }
    Held united = new Held(number, items, now);
    UnaryOperator<Parcel> move =
        parcel ->
            new Parcel(
                united,
                places.getOrDefault(parcel.claim(), Map.of()).getOrDefault(parcel.place(), -1),
                parcel.item(),
                parcel.due());
    List<Parcel> moved = waiting.stream().map(move).toList();
    waiting.clear();
    waiting.addAll(moved);
    replace(delayed, move);
    replace(returning, move);
    held.clear();
    held.put(number, united);
    return move;
  }

  private static void replace(PriorityQueue<Parcel> parcels, UnaryOperator<Parcel> move) {
    List<Parcel> moved = parcels.stream().map(move).toList();
    parcels.clear();
    parcels.addAll(moved);
  }
}
