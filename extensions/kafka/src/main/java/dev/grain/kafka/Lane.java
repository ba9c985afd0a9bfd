package dev.grain.kafka;

import dev.grain.text.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/**
 * A consumer of the share group, and the thread that uses it. It takes a batch of items when told
 * to, keeps their leases, and tells the broker what became of them; as long as it has one of them,
 * it can take no others.
 *
 * <p>A poll of Kafka's consumer that ends without items may be followed by one that takes more than
 * is wanted, as requests go on in between. So there are few short polls.
 */
final class Lane {
  private static final System.Logger LOG = System.getLogger("dev.grain.kafka");

  /** How long a poll takes, at first and at last: errors of the group are thrown at its end. */
  private static final Duration FIRST_POLL = Duration.ofMillis(500);

  private static final Duration LAST_POLL = Duration.ofMinutes(2);

  private static final Duration COMMIT = Duration.ofSeconds(15);
  private static final Duration CLOSE = Duration.ofSeconds(10);

  /**
   * How long the broker is not told of the last items of a batch, as the request for the next batch
   * may tell it; that of another lane does not, and may have to wait for it, as the broker limits
   * how many items a group has.
   */
  private static final long LINGER_NANOS = 10_000_000;

  /**
   * After how long items are added anew that wait behind others which take longer than expected.
   */
  private static final long HOARDING_NANOS = 3_000_000_000L;

  private static final long LONG_NANOS = Long.MAX_VALUE / 4;

  /** After which part of the lease it is renewed. */
  private static final int PART_OF_LEASE = 3;

  /** So many deliveries before the last one, items are added to the topic anew. */
  private static final int SPARE_DELIVERIES = 2;

  /** But not before this one. */
  private static final int FEW_DELIVERIES = 2;

  enum State {
    /** It has no items, and waits for an order to take some. */
    IDLE,
    /** It waits for items. */
    FETCHING,
    /** It has items. */
    BUSY,
    /** Its thread has ended, or ends. */
    CLOSED
  }

  /** Which record of the topic. */
  private record Spot(int partition, long offset) {
    static Spot of(ConsumerRecord<byte[], byte[]> record) {
      return new Spot(record.partition(), record.offset());
    }
  }

  private final KafkaQueue queue;
  private final int width;
  private final Thread thread;
  private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);
  private final Tasks tasks = new Tasks();

  // set once, before the thread starts
  private final KafkaShareConsumer<byte[], byte[]> consumer;

  // set by the thread, read when it has ended
  private volatile @Nullable Throwable failure;

  // both set by any thread
  private volatile boolean closing;
  private volatile boolean stopped;

  // set by the thread of the minion
  private volatile boolean goesOn;

  // set by the thread
  private volatile boolean proven;

  // only accessed by the thread of the minion
  private List<Held> done = new ArrayList<>();

  // all only accessed by the thread

  /** What it has taken; some of them may be settled. */
  private final List<Held> batch = new ArrayList<>();

  /** How many of them are not settled. */
  private int open;

  private final PriorityQueue<Held> delayed =
      new PriorityQueue<>((one, other) -> Long.signum(one.due - other.due));
  private Duration poll = FIRST_POLL;
  private int unsent;
  private long renewed;
  // when to look for items that wait; never again if that is over
  private long surplus;
  private boolean mayHoard;

  Lane(KafkaQueue queue, int width, KafkaShareConsumer<byte[], byte[]> consumer, int number) {
    this.queue = queue;
    this.width = width;
    this.consumer = consumer;
    this.thread = Thread.ofVirtual().name("grain-kafka-" + number).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  // ---------------------------------------------------------------- for any thread

  int width() {
    return width;
  }

  State state() {
    return state.get();
  }

  /** Returns whether it has ever taken items, and so is in the group. */
  boolean isProven() {
    return proven;
  }

  /** Returns why it has ended; null if nothing has failed. */
  @Nullable Throwable failure() {
    return failure;
  }

  /** Orders items, if it is idle; returns whether it is. */
  boolean fetch() {
    if (state.compareAndSet(State.IDLE, State.FETCHING)) {
      queue.fetching().incrementAndGet();
      tasks.add(() -> {}, true);
      return true;
    }
    return false;
  }

  /**
   * Says whether it takes further items by itself when it has none left. Then the request for them
   * tells the broker what became of the last ones, and nobody has to see that they are over.
   */
  void goOn(boolean byItself) {
    if (goesOn != byItself) {
      goesOn = byItself;
    }
  }

  /** The minion has done an item; several are told of at a time. For the thread of the minion. */
  void accept(Held held) {
    done.add(held);
    if (held.isLast()) {
      flush();
    }
  }

  /** An item has become a dead letter; for any thread. */
  void acceptDead(Held held) {
    tasks.add(() -> settle(held, AcknowledgeType.ACCEPT), held.isLast());
  }

  /** Tells what the minion has done. For the thread of the minion. */
  void flush() {
    if (done.isEmpty()) {
      return;
    }
    List<Held> all = done;
    done = new ArrayList<>();
    tasks.add(
        () -> all.forEach(held -> settle(held, AcknowledgeType.ACCEPT)), all.getLast().isLast());
  }

  /** Gives an item back to the queue that the minion had. */
  void giveBack(Held held, Duration delay) {
    long due = System.nanoTime() + Durations.toNanos(delay);
    tasks.add(
        () -> {
          held.due = due;
          if (!held.settled) {
            delayed.add(held);
          }
        },
        held.isLast());
  }

  /** Gives an item back that the minion has not begun: its delivery does not count. */
  void release(Held held) {
    again(held, held.count() - 1);
  }

  /** Gives an item back that the minion never had. */
  void putBack(Held held) {
    if (held.takeBack()) {
      release(held);
    }
  }

  /** Takes no more items, and gives back what waits for the minion; ends with the others. */
  void stopTaking() {
    stopped = true;
    tasks.add(this::returnWaiting, true);
    if (state() == State.FETCHING) {
      consumer.wakeup();
    }
  }

  /** Tells the broker the rest, and ends; what it still has, is delivered again at once. */
  void close() {
    tasks.add(() -> closing = true, true);
    if (state() == State.FETCHING) {
      consumer.wakeup();
    }
  }

  void awaitEnd() throws InterruptedException {
    thread.join();
  }

  // ---------------------------------------------------------------- the thread

  private void run() {
    try {
      consumer.subscribe(List.of(queue.address().topic()));
      while (!isOver()) {
        workUntilWoken();
      }
    } catch (WakeupException e) {
      // it is to close
    } catch (InterruptedException | InterruptException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    } catch (KafkaException | IllegalStateException e) {
      failure = e;
    } finally {
      end();
    }
  }

  private void end() {
    if (state.getAndSet(State.CLOSED) == State.FETCHING) {
      queue.fetching().decrementAndGet();
    }
    try {
      tasks.take(0).forEach(Runnable::run);
      consumer.close(CLOSE);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    } catch (KafkaException | IllegalStateException e) {
      // the broker notices that it is gone
      LOG.log(System.Logger.Level.DEBUG, "A consumer has not left the group: {0}", e.getMessage());
    }
    queue.wake();
  }

  private boolean isOver() {
    return closing || (stopped && open == 0);
  }

  /** Works; one that is to take no more is woken from its poll, or just after that. */
  private void workUntilWoken() throws InterruptedException {
    try {
      work();
    } catch (WakeupException e) {
      if (!stopped) {
        throw e;
      }
    }
  }

  private void work() throws InterruptedException {
    if (open == 0) {
      // it may be long before the next one
      batch.clear();
      if (goesOn && state.compareAndSet(State.BUSY, State.FETCHING)) {
        queue.fetching().incrementAndGet();
      }
      if (state.get() == State.FETCHING) {
        // one of them may have woken it for this, and another one may end it
        tasks.take(0).forEach(Runnable::run);
        if (!isOver()) {
          take();
        }
        return;
      }
      state.compareAndSet(State.BUSY, State.IDLE);
    }
    List<Runnable> some = tasks.take(patience());
    some.forEach(Runnable::run);
    if (open > 0) {
      giveBackDue();
      returnSurplus();
      renewIfDue();
      commit();
    } else if (some.isEmpty()) {
      commit();
    }
  }

  /** Returns how long nothing is to be done without a task. */
  private long patience() {
    if (open == 0) {
      return unsent == 0 ? LONG_NANOS : queue.fetching().get() > 0 ? 0 : LINGER_NANOS;
    }
    long now = System.nanoTime();
    long wait = renewed + renewNanos() - now;
    Held next = delayed.peek();
    if (next != null) {
      wait = Math.min(wait, next.due - now);
    }
    return mayHoard ? Math.min(wait, surplus - now) : wait;
  }

  private long renewNanos() {
    return queue.lease().toNanos() / PART_OF_LEASE;
  }

  // ---------------------------------------------------------------- taking

  private void take() {
    ConsumerRecords<byte[], byte[]> records = consumer.poll(poll);
    unsent = 0;
    if (records.isEmpty()) {
      poll = poll.multipliedBy(2).compareTo(LAST_POLL) < 0 ? poll.multipliedBy(2) : LAST_POLL;
      return;
    }
    proven = true;
    renewed = System.nanoTime();
    surplus = renewed + Math.min(HOARDING_NANOS, renewNanos());
    mayHoard = true;
    AtomicInteger unended = new AtomicInteger(records.count());
    open = records.count();
    List<Held> fresh = new ArrayList<>();
    List<Held> again = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      Held held = new Held(queue, this, record, unended);
      batch.add(held);
      if (isSpent(held)) {
        putBack(held);
      } else {
        (held.delivered() > 1 || held.isSuspect() ? again : fresh).add(held);
      }
    }
    state.set(State.BUSY);
    queue.fetching().decrementAndGet();
    // any of them may be the one that has killed its minion: one at a time, after the others
    if (!again.isEmpty()) {
      fresh.add(again.getFirst());
      again.stream().skip(1).forEach(this::putBack);
    }
    queue.arrived(fresh);
  }

  /** Returns whether the broker soon forgets the item. */
  private boolean isSpent(Held held) {
    return held.delivered() >= Math.max(FEW_DELIVERIES, queue.mostDeliveries() - SPARE_DELIVERIES);
  }

  // ---------------------------------------------------------------- settling

  /** Adds the item to the topic anew, and then accepts this record of it; for any thread. */
  private void again(Held held, int deliveries) {
    queue
        .outlet()
        .again(
            held.record(),
            deliveries,
            failed -> tasks.add(() -> onAgain(held, failed), held.isLast()));
  }

  private void onAgain(Held held, @Nullable Exception failed) {
    if (failed != null) {
      LOG.log(
          System.Logger.Level.WARNING,
          "An item of {0} could not be added anew, so it is released: {1}",
          queue.address().text(),
          failed.getMessage());
    }
    settle(held, failed == null ? AcknowledgeType.ACCEPT : AcknowledgeType.RELEASE);
  }

  private void settle(Held held, AcknowledgeType type) {
    if (leave(held) && acknowledge(held, type)) {
      unsent++;
    }
  }

  /** Returns whether it was not settled before. */
  private boolean leave(Held held) {
    if (held.settled) {
      return false;
    }
    held.settled = true;
    open--;
    return true;
  }

  private List<Held> unsettled() {
    return batch.stream().filter(held -> !held.settled).toList();
  }

  /** Returns whether the consumer still has the item. */
  private boolean acknowledge(Held held, AcknowledgeType type) {
    try {
      consumer.acknowledge(held.record(), type);
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }

  private void giveBackDue() {
    for (Held next = delayed.peek(); next != null; next = delayed.peek()) {
      if (next.due - System.nanoTime() > 0) {
        return;
      }
      delayed.remove();
      settle(next, AcknowledgeType.RELEASE);
    }
  }

  /** Adds anew what still waits for the minion some time after it has come. */
  private void returnSurplus() {
    if (mayHoard && surplus - System.nanoTime() <= 0) {
      mayHoard = false;
      returnWaiting();
    }
  }

  private void returnWaiting() {
    unsettled().stream().filter(Held::isWaiting).forEach(this::putBack);
  }

  /** Tells the broker what was settled. */
  private void commit() {
    if (unsent == 0) {
      return;
    }
    unsent = 0;
    Map<TopicIdPartition, Optional<KafkaException>> ends = consumer.commitSync(COMMIT);
    ends.forEach((partition, failed) -> failed.ifPresent(why -> onRefused(partition, why)));
  }

  /** The broker has taken the items back, and delivers them again: at least once. */
  private static void onRefused(TopicIdPartition partition, KafkaException why) {
    LOG.log(
        System.Logger.Level.DEBUG,
        "What became of some items of {0} was too late: {1}",
        partition,
        why.getMessage());
  }

  // ---------------------------------------------------------------- leases

  private void renewIfDue() {
    long now = System.nanoTime();
    if (open == 0 || now - renewed < renewNanos()) {
      return;
    }
    renewed = now;
    for (Held held : unsettled()) {
      if (held.isAtMinion() && now - held.extended() > queue.lease().toNanos()) {
        settle(held, AcknowledgeType.RELEASE);
      }
    }
    for (Held held : unsettled()) {
      if (!acknowledge(held, AcknowledgeType.RENEW)) {
        var _ = leave(held);
      }
    }
    unsent = 0;
    Map<TopicIdPartition, Optional<KafkaException>> ends = consumer.commitSync(COMMIT);
    Set<Spot> kept = new HashSet<>();
    // else it would take other items
    if (open > 0 && ends.values().stream().anyMatch(Optional::isEmpty)) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ZERO)) {
        kept.add(Spot.of(record));
      }
    }
    ends.forEach((partition, failed) -> failed.ifPresent(why -> onRefused(partition, why)));
    for (Held held : unsettled()) {
      if (!kept.contains(Spot.of(held.record()))) {
        var _ = leave(held);
      }
    }
    delayed.removeIf(held -> held.settled);
  }
}
