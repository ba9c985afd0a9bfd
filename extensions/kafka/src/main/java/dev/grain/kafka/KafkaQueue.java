package dev.grain.kafka;

import dev.grain.kafka.Lane.State;
import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueStats;
import dev.grain.minion.Widths;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.GroupMaxSizeReachedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;

/**
 * A topic as a queue, for one minion. Lanes take items and keep their leases; this hands them over,
 * and decides how many lanes there are and how much they take.
 */
final class KafkaQueue implements QueueEngine {
  private static final System.Logger LOG = System.getLogger("dev.grain.kafka");

  private static final Duration REQUEST = Duration.ofSeconds(2);

  /** For how long the brokers may be away while the minion waits for items. */
  private static final Duration AWAY = Duration.ofMinutes(5);

  /** How long to wait for an item at a time, at first; then longer, as nothing comes. */
  private static final Duration FIRST_WAIT = Duration.ofMillis(20);

  /** After which time to ask for a further consumer again, if the broker has refused one. */
  private static final Duration REFUSED = Duration.ofMinutes(1);

  /** How many lanes take turns if items are short. */
  private static final int TURNS = 2;

  private static final int MOST_REASON = 8000;

  private static final QueueStats NOTHING =
      new QueueStats(
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty());

  private final KafkaAddress address;
  private final Clients clients;
  private final Duration lease;
  private final int mostDeliveries;
  private final boolean partitioned;
  private final Admin admin;
  private final Depth depth;
  private final Outlet outlet;
  // handed over by the threads of lanes; an entry without items only wakes
  private final LinkedBlockingQueue<List<Held>> arrivals = new LinkedBlockingQueue<>();

  // how many lanes wait for items, or are about to; counted by any thread
  private final AtomicInteger fetching = new AtomicInteger();

  // set by any thread
  private volatile @Nullable QueueException failed;

  // all only accessed by the thread of the minion
  private final List<Lane> lanes = new ArrayList<>();
  private final Deque<Held> ready = new ArrayDeque<>();
  // each knows its index
  private final List<Held> atMinion = new ArrayList<>();
  private final Widths widths = new Widths(Clients.WIDTHS);
  private int permitted;
  private long refused;
  private int made;
  private boolean stopped;
  // what came last may kill the minion: one item is taken at a time, and only when it is wanted, so
  // that no others count as delivered with it
  private boolean careful;
  // when the minion last had an item, or the brokers were away
  private long lastBusy = System.nanoTime();
  private long lastAnswer = System.nanoTime();
  private Duration wait = FIRST_WAIT;

  /**
   * Opens it.
   *
   * @param lease the lease of the group
   * @param mostDeliveries after how many the broker forgets an item
   * @param partitioned whether the topic has more than one partition
   * @param admin closed with the queue
   */
  KafkaQueue(
      KafkaAddress address,
      Clients clients,
      Duration lease,
      int mostDeliveries,
      boolean partitioned,
      Admin admin) {
    this.address = address;
    this.clients = clients;
    this.lease = lease;
    this.mostDeliveries = mostDeliveries;
    this.partitioned = partitioned;
    this.admin = admin;
    this.depth = new Depth(address, admin, REQUEST);
    this.outlet = new Outlet(address, clients);
    this.permitted = address.consumers();
  }

  // ---------------------------------------------------------------- for lanes, any thread

  KafkaAddress address() {
    return address;
  }

  Duration lease() {
    return lease;
  }

  int mostDeliveries() {
    return mostDeliveries;
  }

  Outlet outlet() {
    return outlet;
  }

  /** Returns how many lanes wait for items; each counts itself. */
  AtomicInteger fetching() {
    return fetching;
  }

  /** Items have come. */
  void arrived(List<Held> items) {
    arrivals.add(items);
  }

  /** A lane has ended. */
  void wake() {
    arrivals.add(List.of());
  }

  // ---------------------------------------------------------------- for items

  /** An item leaves the minion. */
  void ended(long nanos, Held held) {
    widths.ended(nanos, atMinion.size(), held.record().serializedValueSize());
    Held last = atMinion.removeLast();
    if (last != held) {
      atMinion.set(held.index, last);
      last.index = held.index;
    }
    lastBusy = System.nanoTime();
  }

  void bury(Held held, String reason) {
    String words =
        reason.length() > MOST_REASON ? reason.substring(0, MOST_REASON) + "..." : reason;
    outlet.dead(
        held.record(),
        held.count(),
        words,
        failure -> {
          if (failure == null) {
            held.lane().acceptDead(held);
          } else {
            failed = buryFailed(held, failure);
          }
        });
  }

  private QueueException buryFailed(Held held, Exception failure) {
    if (Failure.cause(failure) instanceof RecordTooLargeException) {
      return new QueueException(
          "The item %s of %s is to be a dead letter, but has %s bytes, more than the topic %s takes. Raise its max.message.bytes with kafka-configs.sh."
              .formatted(held.id(), address.text(), held.value().length, address.deadTopic()),
          failure);
    }
    return Failure.of(address, "given the dead letter " + held.id(), failure);
  }

  // ---------------------------------------------------------------- taking items

  @Override
  public @Nullable Delivery next(Duration patience) throws QueueException, InterruptedException {
    ensureWell();
    Held held = poll(Duration.ZERO);
    if (held == null) {
      order();
      if (!patience.isZero()) {
        // short at first, as the minion asks between whether the queue is drained
        held = poll(patience.compareTo(wait) < 0 ? patience : wait);
        wait = held == null ? wait.multipliedBy(2) : FIRST_WAIT;
        wait = wait.compareTo(patience) > 0 ? patience : wait;
      }
    } else if (!careful && ready.size() <= Math.min(widths.ahead(), Clients.WIDEST) / 2) {
      order();
    }
    if (held != null) {
      held.index = atMinion.size();
      atMinion.add(held);
    }
    return held;
  }

  /** Returns an item that its lane has not taken back; null if none comes in time. */
  private @Nullable Held poll(Duration patience) throws QueueException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    takeArrivals();
    while (true) {
      for (Held held = ready.poll(); held != null; held = ready.poll()) {
        if (held.give()) {
          return held;
        }
        widths.tooMany();
      }
      long left = deadline - System.nanoTime();
      List<Held> some = left <= 0 ? null : arrivals.poll(left, TimeUnit.NANOSECONDS);
      if (some == null) {
        return null;
      }
      onArrival(some);
    }
  }

  private void takeArrivals() throws QueueException {
    for (List<Held> some = arrivals.poll(); some != null; some = arrivals.poll()) {
      onArrival(some);
    }
  }

  private void onArrival(List<Held> items) throws QueueException {
    ready.addAll(items);
    if (items.isEmpty()) {
      ensureWell();
    } else if (stopped) {
      returnReady();
    } else {
      careful = items.stream().anyMatch(Held::isSuspect);
      if (careful) {
        lanes.forEach(lane -> lane.goOn(false));
      }
    }
  }

  @Override
  public void flush() {
    lanes.forEach(Lane::flush);
  }

  @Override
  public void stopTaking() {
    stopped = true;
    // first, so that they do not take what is given back
    lanes.forEach(Lane::stopTaking);
    returnReady();
  }

  /** Gives back what has come and was not asked for. */
  private void returnReady() {
    arrivals.forEach(ready::addAll);
    arrivals.clear();
    ready.forEach(held -> held.lane().putBack(held));
    ready.clear();
  }

  /** Lets a lane take items, unless one does so, or all have some and there is enough to do. */
  private void order() throws QueueException {
    if (stopped) {
      return;
    }
    if (partitioned) {
      // each may be the only one to which some partition is assigned
      lanes.forEach(Lane::fetch);
    }
    int width = careful ? Clients.WIDTHS.getFirst() : widths.width();
    int widest = goOn(width);
    if (isFetching(true)) {
      return;
    }
    for (Lane lane : lanes) {
      if (lane.width() == width && lane.fetch()) {
        return;
      }
    }
    // one that may not be in the group yet
    if (isFetching(false)) {
      return;
    }
    if (ready.size() > (widest < TURNS ? width / 2 : 0)) {
      return;
    }
    if (lanes.size() < mostLanes()) {
      openLane(width);
      return;
    }
    var _ =
        lanes.stream().sorted(Comparator.comparingInt(Lane::width)).filter(Lane::fetch).findFirst();
  }

  /**
   * If items are short, has two lanes take turns by themselves: one has items, while the other one
   * takes some. Returns how many of the widest there are.
   */
  private int goOn(int width) {
    int widest = 0;
    for (Lane lane : lanes) {
      boolean isWidest = lane.width() == Clients.WIDEST;
      lane.goOn(isWidest && width == Clients.WIDEST && widest < TURNS);
      widest += isWidest ? 1 : 0;
    }
    return widest;
  }

  private boolean isFetching(boolean proven) {
    // asked for each item
    if (fetching.get() == 0) {
      return false;
    }
    for (Lane lane : lanes) {
      if (lane.state() == State.FETCHING && (lane.isProven() || !proven)) {
        return true;
      }
    }
    return false;
  }

  private int mostLanes() {
    if (permitted < address.consumers() && System.nanoTime() - refused > REFUSED.toNanos()) {
      permitted = address.consumers();
    }
    return permitted;
  }

  private void openLane(int width) throws QueueException {
    Lane lane;
    try {
      lane = new Lane(this, width, clients.shareConsumer(width), ++made);
    } catch (KafkaException e) {
      throw Failure.of(address, "used", e);
    }
    lanes.add(lane);
    var _ = lane.fetch();
    lane.start();
  }

  /** Throws what has failed meanwhile; does without lanes that the broker does not permit. */
  private void ensureWell() throws QueueException {
    QueueException failure = failed;
    if (failure != null) {
      throw new QueueException(String.valueOf(failure.getMessage()), failure);
    }
    for (int i = lanes.size() - 1; i >= 0; i--) {
      Lane lane = lanes.get(i);
      if (lane.state() != State.CLOSED) {
        continue;
      }
      lanes.remove(i);
      Throwable why = lane.failure();
      if (why instanceof GroupMaxSizeReachedException && !lanes.isEmpty()) {
        permitted = lanes.size();
        refused = System.nanoTime();
        LOG.log(
            System.Logger.Level.WARNING,
            "The group {0} has as many consumers as the broker permits, so this minion works with {1}. Raise group.share.max.size in the configuration of the brokers.",
            address.group(),
            permitted);
      } else if (why != null) {
        throw Failure.of(address, "used", why);
      }
    }
  }

  // ---------------------------------------------------------------- numbers

  @Override
  public boolean isDrained() throws QueueException {
    ensureWell();
    if (!atMinion.isEmpty()
        || !ready.isEmpty()
        || !arrivals.isEmpty()
        || lanes.stream().anyMatch(lane -> lane.state() == State.BUSY)) {
      lastBusy = System.nanoTime();
      return false;
    }
    OptionalLong lag;
    try {
      lag = depth.lag();
      lastAnswer = System.nanoTime();
    } catch (ExecutionException e) {
      if (!(Failure.cause(e) instanceof RetriableException)
          || System.nanoTime() - lastAnswer > AWAY.toNanos()) {
        throw Failure.of(address, "used", e);
      }
      lastBusy = System.nanoTime();
      return false;
    }
    return lag.isPresent()
        ? lag.getAsLong() == 0
        : System.nanoTime() - lastBusy > address.idle().toNanos();
  }

  @Override
  public QueueStats stats() throws QueueException {
    try {
      return depth.stats(atMinion.size());
    } catch (ExecutionException e) {
      if (Failure.cause(e) instanceof RetriableException) {
        // they may come back
        return NOTHING;
      }
      throw Failure.of(address, "read", e);
    }
  }

  // ---------------------------------------------------------------- the end

  @Override
  public void close() throws QueueException {
    try {
      for (Held held : List.copyOf(atMinion)) {
        held.nack(Duration.ZERO);
      }
      flush();
      returnReady();
      outlet.flush();
    } finally {
      lanes.forEach(Lane::close);
      awaitLanes();
      outlet.close();
      admin.close(REQUEST);
    }
    QueueException failure = failed;
    if (failure != null) {
      throw new QueueException(String.valueOf(failure.getMessage()), failure);
    }
  }

  private void awaitLanes() {
    boolean interrupted = Thread.interrupted();
    for (Lane lane : lanes) {
      while (true) {
        try {
          lane.awaitEnd();
          break;
        } catch (InterruptedException e) {
          // they end soon
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
