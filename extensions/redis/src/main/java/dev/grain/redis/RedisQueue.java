package dev.grain.redis;

import static dev.grain.redis.Server.bytes;

import dev.grain.minion.BrokerLostException;
import dev.grain.minion.DeliveredItem;
import dev.grain.minion.Outage;
import dev.grain.minion.Pace;
import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueStats;
import dev.grain.redis.Server.Request;
import dev.grain.text.Durations;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/**
 * A minion's side of a queue in Redis.
 *
 * <p>Items are entries of a stream, which a consumer group gives to one minion each.
 * Acknowledgements are collected and sent together, at the latest with the next request for items,
 * or after about a second. What is to be sent is in the {@link #outbox}. If the connection is lost,
 * the outbox is kept and sent again; each step of it changes nothing if it is repeated.
 *
 * <p>Items that failed go to the end of the stream, as new entries that know how many times they
 * were delivered. New entries are read several at a time, while those of minions that are gone are
 * taken over one by one: an item that ends its minion does not make others look as if they did.
 */
final class RedisQueue implements QueueEngine {
  private static final System.Logger LOG = System.getLogger("dev.grain.redis");

  /** What waits, at most: so many acknowledgements, or so long while there are items to take. */
  private static final int MOST_ACKS = 128;

  private static final long MOST_WAIT_NANOS = 2_000_000;

  private static final long BLOCK_MILLIS = 250;
  private static final long MOST_UPKEEP_NANOS = 500_000_000;
  private static final int MOST_TO_WAKE = 100;
  private static final Duration PAUSE = Duration.ofMillis(100);

  /** Consumers without items that are silent for so many leases are forgotten. */
  private static final int FORGOTTEN_LEASES = 100;

  private final RedisAddress address;
  private final Server server;
  private final byte[] group;
  private final byte[] name;
  private final Duration lease;
  private final Outage outage;

  // all only accessed by the thread of the queue
  private final Pace pace = new Pace();
  private final Map<String, Held> held = new HashMap<>();
  private final ArrayDeque<Held> ahead = new ArrayDeque<>();
  private final List<String> acks = new ArrayList<>();
  private final List<Request> outbox = new ArrayList<>();
  private long aheadSince;
  private long sent = System.nanoTime();
  private long upkeepDue = System.nanoTime();
  private String cursor = "0-0";

  /**
   * Opens a queue.
   *
   * @param server is connected
   * @param name what no other minion is called
   */
  RedisQueue(RedisAddress address, Server server, String name, Duration lease) {
    this.address = address;
    this.server = server;
    this.group = address.groupName();
    this.name = bytes(name);
    this.lease = lease;
    this.outage = new Outage(Server.BROKER, address.text(), address.outage());
  }

  // ---------------------------------------------------------------- taking

  @Override
  public @Nullable Delivery next(Duration patience) throws QueueException, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    long asked = System.nanoTime();
    long deadline = asked + Durations.toNanos(patience);
    returnStale();
    if (ahead.isEmpty()) {
      fetch(0);
    } else if (System.nanoTime() - sent > MOST_WAIT_NANOS) {
      send();
    }
    for (long left = deadline - System.nanoTime();
        ahead.isEmpty() && left > 0;
        left = deadline - System.nanoTime()) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (server.isConnected()) {
        long wait = Math.min(left, upkeepDue - System.nanoTime());
        fetch(Math.clamp(wait / 1_000_000, 0, BLOCK_MILLIS));
      } else {
        Thread.sleep(Duration.ofNanos(Math.min(left, PAUSE.toNanos())));
        fetch(0);
      }
    }
    Held next = ahead.poll();
    pace.took(System.nanoTime() - asked, next == null ? 0 : next.entry.value().length);
    return next;
  }

  /**
   * Sends what waits, and asks for items.
   *
   * @param blockMillis how long the server may wait for some; not at all if there is other work
   */
  private void fetch(long blockMillis) throws QueueException {
    boolean upkeep = System.nanoTime() - upkeepDue >= 0;
    List<Request> requests = new ArrayList<>();
    if (upkeep) {
      requests.add(server.script(Script.WAKE, bytes(MOST_TO_WAKE)));
      requests.add(
          server.script(Script.TAKE_OVER, group, name, bytes(lease.toMillis()), bytes(cursor)));
    }
    requests.add(read(upkeep ? 0 : blockMillis));
    List<Object> answers = exchange(requests);
    if (answers.isEmpty()) {
      return;
    }
    if (upkeep) {
      keptUp((Long) answers.get(0), (List<?>) answers.get(1));
    }
    if (answers.get(answers.size() - 1) instanceof List<?> streams) {
      for (Object entry : (List<?>) ((List<?>) streams.get(0)).get(1)) {
        hold(Entry.of((List<?>) entry), 1);
      }
    }
  }

  private Request read(long blockMillis) {
    List<byte[]> words = new ArrayList<>();
    words.add(bytes("GROUP"));
    words.add(group);
    words.add(name);
    words.add(bytes("COUNT"));
    words.add(bytes(pace.size()));
    if (blockMillis > 0) {
      words.add(bytes("BLOCK"));
      words.add(bytes(blockMillis));
    }
    words.add(bytes("STREAMS"));
    words.add(address.stream());
    words.add(bytes(">"));
    return new Request(Command.XREADGROUP, words.toArray(new byte[0][]));
  }

  private void keptUp(long wakeMillis, List<?> takenOver) {
    long now = System.nanoTime();
    long interval = Math.min(lease.toNanos() / 4, MOST_UPKEEP_NANOS);
    if (wakeMillis >= 0) {
      interval = Math.min(interval, wakeMillis * 1_000_000);
    }
    cursor = Entry.text(takenOver.get(0));
    boolean found = takenOver.size() > 1;
    if (found) {
      Entry entry = Entry.of((List<?>) takenOver.get(1));
      hold(entry, (int) Math.min(Integer.MAX_VALUE, (Long) takenOver.get(2)));
    }
    // there may be more
    upkeepDue = found || !cursor.equals("0-0") ? now : now + interval;
  }

  private void hold(Entry entry, int deliveries) {
    // one that this minion was too late to extend is its own again
    if (!held.containsKey(entry.id())) {
      Held taken = new Held(entry, entry.count() + deliveries);
      held.put(entry.id(), taken);
      if (ahead.isEmpty()) {
        aheadSince = System.nanoTime();
      }
      ahead.add(taken);
    }
  }

  /** No item may be asked for, or extended, for a long while. */
  @Override
  public void tend() throws QueueException {
    returnStale();
    send();
  }

  /** Gives back what the minion has no room for, as it has turned to longer items. */
  private void returnStale() {
    if (!ahead.isEmpty()
        && System.nanoTime() - aheadSince > Math.min(lease.toNanos() / 4, 2 * MOST_UPKEEP_NANOS)) {
      returnAhead();
    }
  }

  private void returnAhead() {
    for (Held each : ahead) {
      held.remove(each.entry.id());
      move(each, "0", "", each.count() - 1);
    }
    ahead.clear();
  }

  // ---------------------------------------------------------------- telling the server

  private void move(Held item, String delay, String reason, int count) {
    outbox.add(
        server.script(
            Script.MOVE,
            group,
            name,
            bytes(delay),
            bytes(reason),
            bytes(item.entry.id()),
            bytes(item.entry.first()),
            bytes(count)));
  }

  private void packAcks() {
    for (int from = 0; from < acks.size(); from += MOST_ACKS) {
      List<String> some = acks.subList(from, Math.min(acks.size(), from + MOST_ACKS));
      byte[][] words = new byte[1 + some.size()][];
      words[0] = group;
      for (int i = 0; i < some.size(); i++) {
        words[1 + i] = bytes(some.get(i));
      }
      outbox.add(server.script(Script.ACK, words));
    }
    acks.clear();
  }

  /** Sends what waits. */
  private void send() throws QueueException {
    if (!acks.isEmpty() || !outbox.isEmpty()) {
      var _ = exchange(List.of());
    }
  }

  /**
   * Sends what waits, and returns the answers to what is asked beside it; none if the server cannot
   * be reached now.
   */
  private List<Object> exchange(List<Request> asked) throws QueueException {
    try {
      if (!server.isConnected()) {
        server.connect();
      }
      packAcks();
      List<Request> all = new ArrayList<>(outbox);
      all.addAll(asked);
      List<Object> answers = server.ask(all);
      outage.over();
      sent = System.nanoTime();
      int own = outbox.size();
      outbox.clear();
      for (Object each : answers) {
        var _ = server.accepted(each);
      }
      return answers.subList(own, answers.size());
    } catch (BrokerLostException e) {
      if (outage.isTooLong(e.reason())) {
        throw server.unreachable(e);
      }
      return List.of();
    }
  }

  // ---------------------------------------------------------------- looking

  @Override
  public boolean isDrained() throws QueueException {
    if (!held.isEmpty()) {
      return false;
    }
    List<Object> answers = exchange(List.of(count()));
    if (answers.isEmpty()) {
      return false;
    }
    QueueStats stats = stats((List<?>) answers.get(0));
    return stats.ready().orElse(0) == 0 && stats.inFlight().orElse(0) == 0;
  }

  private Request count() {
    return server.script(Script.COUNT, group, bytes(lease.toMillis()));
  }

  private QueueStats stats(List<?> counted) throws QueueException {
    QueueStats stats = RedisQueues.stats(counted);
    if (stats == null) {
      throw new QueueException(
          "The queue %s is gone: it was removed, or Redis has lost it because it does not persist its data."
              .formatted(address.text()));
    }
    return stats;
  }

  @Override
  public QueueStats stats() throws QueueException {
    List<Object> answers = exchange(List.of(count()));
    return answers.isEmpty() ? QueueStats.UNKNOWN : stats((List<?>) answers.get(0));
  }

  @Override
  public void close() throws QueueException {
    try (server) {
      returnAhead();
      for (Held each : List.copyOf(held.values())) {
        move(each, "0", "", each.count());
      }
      held.clear();
      packAcks();
      List<Request> last = new ArrayList<>(outbox);
      long silent = lease.toMillis() * FORGOTTEN_LEASES;
      last.add(server.script(Script.FORGET, group, name, bytes(silent)));
      if (!server.isConnected()) {
        server.connect();
      }
      for (Object answer : server.ask(last)) {
        var _ = server.accepted(answer);
      }
    } catch (BrokerLostException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "The connection to Redis for the queue {0} is lost: {1}. The last items are done again after the lease of {2}.",
          address.text(),
          e.reason(),
          Durations.readable(lease));
    }
  }

  // ---------------------------------------------------------------- items

  /** An item that this minion has. */
  private final class Held extends DeliveredItem {
    private final Entry entry;

    Held(Entry entry, int count) {
      super(entry.first(), entry.value(), count, lease);
      this.entry = entry;
    }

    @Override
    public void extend() throws QueueException {
      returnStale();
      var _ = exchange(List.of(server.script(Script.EXTEND, group, name, bytes(entry.id()))));
    }

    private void leave() {
      end();
      held.remove(entry.id());
      pace.ended(System.nanoTime());
    }

    @Override
    public void ack() throws QueueException {
      leave();
      acks.add(entry.id());
      if (acks.size() >= MOST_ACKS || System.nanoTime() - sent > MOST_WAIT_NANOS) {
        send();
      }
    }

    @Override
    public void nack(Duration delay) throws QueueException {
      leave();
      long millis = Math.ceilDiv(Durations.toNanos(delay), 1_000_000);
      move(this, Long.toString(millis), "", count());
      upkeepDue = Math.min(upkeepDue, System.nanoTime() + millis * 1_000_000);
      // others may wait for it
      send();
    }

    @Override
    public void dead(String reason) throws QueueException {
      leave();
      move(this, "-1", reason, count());
      send();
    }
  }
}
