package dev.grain.pulsar;

import dev.grain.minion.DeadLetter;
import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueStats;
import dev.grain.minion.Widths;
import dev.grain.pulsar.Admin.Positions;
import dev.grain.pulsar.Admin.Stats;
import dev.grain.pulsar.Admin.UnreachableException;
import dev.grain.pulsar.Counts.MessageKey;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.pulsar.client.api.Consumer;
import org.apache.pulsar.client.api.Message;
import org.apache.pulsar.client.api.MessageIdAdv;
import org.jspecify.annotations.Nullable;

/**
 * A shared subscription, for one minion. A message is held from when it arrives until the broker
 * has confirmed what became of it; one that comes again meanwhile, because the connection was lost,
 * is not delivered twice. The client has reconnected by then, or goes on trying.
 *
 * <p>Before a message is delivered, a record of that is written ({@link Deliveries}), so that a
 * message that kills its minion is counted.
 */
final class PulsarQueue implements QueueEngine {
  /** How long the broker may be gone before the queue gives up. */
  static final int OUTAGE_SECONDS = 120;

  /** So often an item is extended, which is when this looks after what it holds. */
  private static final Duration LEASE = Duration.ofSeconds(3);

  /** What nobody has asked for goes back after this time, in nanoseconds. */
  private static final long SURPLUS_NANOS = 1_000_000_000;

  /** How long somebody who does not want to wait waits for what the broker may have. */
  private static final long GLANCE_NANOS = 5_000_000;

  /** The same if it has come, and the record of it is being written. */
  private static final long WRITE_NANOS = 50_000_000;

  private static final long RETRY_NANOS = 200_000_000;
  private static final long SETTLE_NANOS = 5_000_000_000L;

  /** So many messages are worth a record of their own while another is being written. */
  private static final int GROUP = 100;

  /** An item that was delivered more often than this may be one that kills minions. */
  private static final int UNSUSPECTED = 2;

  /** The most in a record. */
  private static final int MOST_GROUP = 1000;

  private final Place place;
  private final Connection connection;
  private final @Nullable Admin admin;
  private final boolean isPartitioned;
  private final @Nullable Deliveries deliveries;
  private final Letters letters;
  private final Intake intake;

  // what threads of the client have for the thread of the queue
  private final LinkedBlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();

  // written by the thread of the queue, read by threads of the client
  private final Map<MessageKey, Given> held = new ConcurrentHashMap<>();
  private volatile boolean stopped;

  // all only accessed by the thread of the queue
  private final Deque<Given> arrived = new ArrayDeque<>();
  private final Deque<Given> ready = new ArrayDeque<>();
  private final PriorityQueue<Later> later =
      new PriorityQueue<>(Comparator.comparingLong(each -> each.due() - START));
  private final Widths widths = new Widths(Intake.WIDTHS);
  private int records;
  private int recorded;
  private int atMinion;
  private int settling;
  private boolean isAsking;
  private long lastAsked = System.nanoTime();
  // when an item was held last, or the broker was away
  private long lastBusy = System.nanoTime();
  private long unreachableSince;
  private @Nullable QueueException failure;

  private static final long START = System.nanoTime();

  /** What is to be done at a time. */
  private record Later(long due, Runnable action) {}

  PulsarQueue(
      Place place,
      Connection connection,
      @Nullable Admin admin,
      boolean isPartitioned,
      @Nullable Deliveries deliveries,
      String name)
      throws QueueException {
    this.place = place;
    this.connection = connection;
    this.admin = admin;
    this.isPartitioned = isPartitioned;
    this.deliveries = deliveries;
    this.letters = new Letters(place, connection.client());
    this.intake = new Intake(place, connection.client(), name, this::receive);
  }

  // ---------------------------------------------------------------- delivering

  @Override
  public @Nullable Delivery next(Duration patience) throws QueueException, InterruptedException {
    long now = System.nanoTime();
    boolean isNew = !isAsking;
    isAsking = true;
    lastAsked = now;
    long until = now + Math.max(patience.toNanos(), isNew ? GLANCE_NANOS : 0);
    attend();
    advance();
    while (ready.isEmpty()) {
      boolean isNear = records > 0 || !arrived.isEmpty();
      long left = Math.max(until, isNear ? now + WRITE_NANOS : until) - System.nanoTime();
      if (left <= 0) {
        return null;
      }
      Runnable event = inbox.poll(untilLater(left), TimeUnit.NANOSECONDS);
      if (event != null) {
        event.run();
      }
      attend();
      advance();
    }
    isAsking = false;
    Given given = ready.remove();
    if (given.count > UNSUSPECTED) {
      // what was done before it is not to be done again if it kills this minion
      settle();
    }
    given.begin();
    return given;
  }

  /** Does what is due, and what threads of the client have. */
  private void attend() throws QueueException {
    for (Runnable event = inbox.poll(); event != null; event = inbox.poll()) {
      event.run();
    }
    long now = System.nanoTime();
    for (Later next = later.peek(); next != null && next.due() - now <= 0; next = later.peek()) {
      later.remove();
      next.action().run();
    }
    if (failure != null) {
      throw failure;
    }
  }

  private long untilLater(long nanos) {
    Later next = later.peek();
    return next == null ? nanos : Math.clamp(next.due() - System.nanoTime(), 0, nanos);
  }

  /** Gets messages, and makes those that have come ready. */
  private void advance() throws QueueException {
    if (stopped) {
      returnSurplus();
      return;
    }
    int width = widths.width();
    int next = ready.size() + recorded;
    if (next + arrived.size() <= width / 2) {
      intake.want(width);
    }
    if (deliveries == null) {
      arrived.forEach(given -> given.count = given.message.getRedeliveryCount() + 1);
      ready.addAll(arrived);
      arrived.clear();
    } else if (!arrived.isEmpty()
        && next <= width / 2
        && (records == 0 || arrived.size() >= GROUP)) {
      record(deliveries, Math.min(width, MOST_GROUP), next == 0 && settling == 0);
    }
  }

  /**
   * Writes a record of messages, which makes them ready. One that was delivered before may have
   * killed its minion: it has a record of its own, so that no others are counted with it.
   *
   * @param most how many
   * @param isAlone whether there are no others that the minion gets before, and the broker knows of
   *     all that are done: else these would count as delivered once more with one that kills
   */
  private void record(Deliveries counted, int most, boolean isAlone) throws QueueException {
    ensureCounted(counted, most);
    List<Given> some = new ArrayList<>();
    while (some.size() < most && !arrived.isEmpty() && counted.count(arrived.element().key) == 0) {
      some.add(arrived.remove());
    }
    if (some.isEmpty() && isAlone) {
      some.add(arrived.remove());
    }
    if (!some.isEmpty()) {
      write(counted, some);
      tidy(counted);
    }
  }

  /** Reads the records of other minions if the broker has delivered more often than is known. */
  private void ensureCounted(Deliveries counted, int most) {
    boolean isBehind = false;
    for (Given given : arrived.stream().limit(most).toList()) {
      isBehind |= !given.isCounted && given.message.getRedeliveryCount() > counted.count(given.key);
      given.isCounted = true;
    }
    if (isBehind) {
      counted.catchUp();
    }
  }

  /** Says how far the queue has come, so that records are removed. */
  private void tidy(Deliveries counted) throws QueueException {
    if (admin != null && !isPartitioned && counted.isUntidy()) {
      try {
        Positions positions = admin.positions(place.topic());
        if (positions != null) {
          counted.tidy(positions);
        }
      } catch (UnreachableException e) {
        // another time
      }
    }
  }

  private void write(Deliveries counted, List<Given> some) {
    some.forEach(given -> given.count = counted.count(given.key) + 1);
    records++;
    recorded += some.size();
    var _ =
        counted
            .delivered(some.stream().map(given -> given.key).toList())
            .whenComplete((_, e) ->
                inbox.add(() -> {
                  records--;
                  recorded -= some.size();
                  ready.addAll(some);
                  ensureDone("worked on", e);
                }));
  }

  /** A message has come; for threads of the client. */
  private void receive(Consumer<byte[]> consumer, Message<byte[]> message) {
    if (stopped && !held.containsKey(key(message))) {
      consumer.negativeAcknowledge(message.getMessageId());
    } else {
      inbox.add(() -> onArrived(consumer, message));
    }
  }

  private static MessageKey key(Message<byte[]> message) {
    return MessageKey.of((MessageIdAdv) message.getMessageId());
  }

  private void onArrived(Consumer<byte[]> consumer, Message<byte[]> message) {
    lastBusy = System.nanoTime();
    Given given = new Given(consumer, message);
    // it is there if the connection was lost, and the broker does not know that it is still here
    if (held.putIfAbsent(given.key, given) == null) {
      arrived.add(given);
    }
  }

  private void ensureDone(String what, @Nullable Throwable e) {
    if (e != null && failure == null) {
      failure = Reasons.failed(place, what, e);
    }
  }

  @Override
  public void tend() throws QueueException {
    attend();
    if (stopped || System.nanoTime() - lastAsked > SURPLUS_NANOS) {
      returnSurplus();
    }
  }

  @Override
  public void stopTaking() throws QueueException {
    stopped = true;
    tend();
  }

  /** Gives back what has come, but nobody has asked for, so that other minions get it. */
  private void returnSurplus() {
    if (!arrived.isEmpty() || !ready.isEmpty()) {
      widths.tooMany();
    }
    forget(ready);
    arrived.forEach(Given::giveBack);
    ready.forEach(Given::giveBack);
    arrived.clear();
    ready.clear();
  }

  /** Items were recorded, but nobody has begun with them. */
  private void forget(Collection<Given> some) {
    if (deliveries != null && !some.isEmpty()) {
      settling++;
      var _ =
          deliveries
              .returned(some.stream().map(given -> given.key).toList())
              .whenComplete((_, _) -> inbox.add(() -> settling--));
    }
  }

  // ---------------------------------------------------------------- counting

  @Override
  public boolean isDrained() throws QueueException {
    attend();
    settle();
    if (!held.isEmpty()) {
      return false;
    }
    if (admin == null) {
      return isIdle();
    }
    try {
      Stats stats = admin.stats(place.topic(), isPartitioned);
      unreachableSince = 0;
      if (!stats.hasSubscription()) {
        throw new QueueException(
            "The queue %s was removed while a minion worked on it.".formatted(place));
      }
      return stats.backlog() == 0;
    } catch (UnreachableException e) {
      // it may be restarting
      if (isAwayTooLong()) {
        throw e.toFailure();
      }
      return false;
    }
  }

  /** Returns whether the broker could have sent items for a while, but had none. */
  private boolean isIdle() throws QueueException {
    long now = System.nanoTime();
    if (intake.isConnected()) {
      unreachableSince = 0;
      return now - lastBusy >= place.idle().toNanos();
    }
    lastBusy = now;
    if (isAwayTooLong()) {
      throw new QueueException(
          "The queue %s cannot be worked on: the broker does not answer for %s s. Check that it runs."
              .formatted(place, OUTAGE_SECONDS));
    }
    return false;
  }

  private boolean isAwayTooLong() {
    long now = System.nanoTime();
    unreachableSince = unreachableSince == 0 ? now : unreachableSince;
    return now - unreachableSince > TimeUnit.SECONDS.toNanos(OUTAGE_SECONDS);
  }

  /** Waits until the broker has confirmed what it was told, with what is being recorded. */
  private void settle() throws QueueException {
    long until = System.nanoTime() + SETTLE_NANOS;
    try {
      while ((settling > 0 || records > 0) && until - System.nanoTime() > 0) {
        Runnable event = inbox.poll(untilLater(until - System.nanoTime()), TimeUnit.NANOSECONDS);
        if (event != null) {
          event.run();
        }
        attend();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public QueueStats stats() throws QueueException {
    if (admin == null) {
      OptionalLong unknown = OptionalLong.empty();
      return new QueueStats(unknown, unknown, unknown, unknown, unknown);
    }
    try {
      return PulsarQueues.stats(place, admin, isPartitioned);
    } catch (UnreachableException e) {
      throw e.toFailure();
    }
  }

  // ---------------------------------------------------------------- ending

  @Override
  public void close() throws QueueException {
    try {
      if (failure == null) {
        settle();
        forget(ready);
        settle();
      }
    } finally {
      intake.close();
      letters.close();
      if (deliveries != null) {
        deliveries.close();
      }
      connection.close();
      if (admin != null) {
        admin.close();
      }
    }
  }

  private final class Given implements Delivery {
    private final Consumer<byte[]> consumer;
    private final Message<byte[]> message;
    private final MessageKey key;
    // all only accessed by the thread of the queue
    private boolean isCounted;
    private int count;
    private long begun;

    Given(Consumer<byte[]> consumer, Message<byte[]> message) {
      this.consumer = consumer;
      this.message = message;
      this.key = key(message);
    }

    void begin() {
      begun = System.nanoTime();
      atMinion++;
    }

    private void leave() {
      widths.ended(System.nanoTime() - begun, atMinion, message.size());
      atMinion--;
    }

    @Override
    public String id() {
      return message.getMessageId().toString();
    }

    @Override
    public byte[] value() {
      return message.getValue();
    }

    @Override
    public int count() {
      return count;
    }

    @Override
    public Duration lease() {
      return LEASE;
    }

    /** The broker needs nothing, but this is called all the time while items run. */
    @Override
    public void extend() throws QueueException {
      tend();
    }

    @Override
    public void ack() {
      leave();
      settling++;
      acknowledge();
    }

    private void acknowledge() {
      var _ =
          consumer
              .acknowledgeAsync(message.getMessageId())
              .whenComplete((_, e) -> inbox.add(() -> onAcknowledged(e)));
    }

    private void leaveHeld() {
      held.remove(key);
      lastBusy = System.nanoTime();
    }

    private void onAcknowledged(@Nullable Throwable e) {
      if (e == null) {
        settling--;
        leaveHeld();
      } else {
        // not connected
        later.add(new Later(System.nanoTime() + RETRY_NANOS, this::acknowledge));
      }
    }

    @Override
    public void nack(Duration delay) {
      leave();
      if (delay.isZero()) {
        giveBack();
      } else {
        // it stays here meanwhile; if this minion dies, it goes back at once
        later.add(new Later(System.nanoTime() + delay.toNanos(), this::giveBack));
      }
    }

    @Override
    public void release() {
      leave();
      forget(List.of(this));
      giveBack();
    }

    private void giveBack() {
      leaveHeld();
      consumer.negativeAcknowledge(message.getMessageId());
    }

    @Override
    public void dead(String reason) throws QueueException {
      leave();
      settling++;
      CompletableFuture<?> added = letters.add(new DeadLetter(id(), value(), count, reason));
      var _ =
          added.whenComplete((_, e) ->
              inbox.add(() -> {
                ensureDone("changed", e);
                acknowledge();
              }));
    }
  }
}
