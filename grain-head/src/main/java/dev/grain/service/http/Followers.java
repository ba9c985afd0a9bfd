package dev.grain.service.http;

import dev.grain.service.http.Refusal.Kind;
import dev.grain.service.log.LogWatch;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;

/**
 * The answers that go on as long as jobs print, of a bounded number. That a caller has gone is only
 * noticed when there is something to send, so of the answers to a user, the one that has been
 * silent for the longest time makes room for another one. For any thread.
 */
final class Followers {
  static final int MOST = 1000;
  static final int MOST_OF_USER = 100;

  // both guarded by this; the one that has sent something last is the last one
  private final Map<String, SequencedSet<Place>> places = new HashMap<>();
  private int count;

  /** The place of an answer. */
  final class Place implements AutoCloseable {
    private final String user;
    private final LogWatch watch;

    private Place(String user, LogWatch watch) {
      this.user = user;
      this.watch = watch;
    }

    /** Something was sent. */
    void onSent() {
      moveToEnd(this);
    }

    @Override
    public void close() {
      leave(this);
    }
  }

  /**
   * Takes a place.
   *
   * @param watch is stopped if another answer takes the place
   * @throws Refusal if there is none
   */
  synchronized Place enter(String user, LogWatch watch) {
    SequencedSet<Place> own = places.getOrDefault(user, new LinkedHashSet<>());
    if (own.size() >= MOST_OF_USER) {
      Place first = own.getFirst();
      leave(first);
      first.watch.stop();
    }
    if (count >= MOST) {
      throw new Refusal(
              Kind.UNAVAILABLE,
              "%s answers follow logs, as many as the head has room for. Ask again later, or without \"follow\"."
                  .formatted(MOST))
          .with("Retry-After", "15");
    }
    Place place = new Place(user, watch);
    places.computeIfAbsent(user, _ -> new LinkedHashSet<>()).add(place);
    count++;
    return place;
  }

  private synchronized void moveToEnd(Place place) {
    SequencedSet<Place> own = places.get(place.user);
    if (own != null && own.contains(place)) {
      own.addLast(place);
    }
  }

  private synchronized void leave(Place place) {
    SequencedSet<Place> own = places.get(place.user);
    if (own != null && own.remove(place)) {
      count--;
      if (own.isEmpty()) {
        places.remove(place.user);
      }
    }
  }

  /** Has all of them end. */
  synchronized void stop() {
    places.values().forEach(own -> own.forEach(each -> each.watch.stop()));
  }
}
