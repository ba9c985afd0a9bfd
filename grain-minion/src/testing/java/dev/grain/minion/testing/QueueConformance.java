package dev.grain.minion.testing;

import static dev.grain.minion.testing.Deliveries.PATIENCE;
import static dev.grain.minion.testing.Deliveries.drain;
import static dev.grain.minion.testing.Deliveries.next;
import static dev.grain.minion.testing.Deliveries.numbers;
import static dev.grain.minion.testing.Deliveries.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.minion.DeadLetter;
import dev.grain.minion.Minion;
import dev.grain.minion.MinionResult;
import dev.grain.minion.OnFailure;
import dev.grain.minion.Parameter;
import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueEngine.Delivery;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueProvider;
import dev.grain.minion.QueueSettings;
import dev.grain.minion.QueueStats;
import dev.grain.minion.Queues;
import dev.grain.minion.RunningMinion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every engine for queues does, against the real thing. A subclass gives queues with a lease
 * of a few seconds.
 *
 * <p>The tests start minions in processes of their own where these are killed, and in this process
 * elsewhere.
 */
public abstract class QueueConformance {
  private static final long PAUSE_NANOS = 2_000_000;

  // what functions of minions in this process share, as their captures are copied
  private static final Map<String, QueueConformance> TESTS = new ConcurrentHashMap<>();

  @TempDir Path folder;

  private final Set<String> seen = ConcurrentHashMap.newKeySet();
  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicInteger deliveries = new AtomicInteger();

  /**
   * Returns the address of a queue that does not exist.
   *
   * @param name a word that no other queue of the test has
   * @param folder a folder that exists, for queues that need one
   */
  protected abstract String address(String name, Path folder) throws Exception;

  /**
   * Returns the address of a queue as {@link #address} does, for minions that are killed: where a
   * minion takes a queue for drained after a while, this has to be long enough for the items of a
   * minion that is gone to come back.
   */
  protected String addressWithKills(String name, Path folder) throws Exception {
    return address(name, folder);
  }

  /** Returns the lease of the queues. */
  protected abstract Duration lease();

  // ---------------------------------------------------------------- what tests are made of

  /** A queue that was created. */
  record Queue(String text, QueueProvider provider, QueueAddress address) {
    void fill(String... items) throws QueueException {
      provider.fill(address, QueueSettings.DEFAULTS, Deliveries.values(items));
    }

    QueueEngine open() throws QueueException {
      return provider.open(address, QueueSettings.DEFAULTS);
    }

    /** Returns how many items it has that are not over; 0 if it cannot tell. */
    long left() throws QueueException {
      QueueStats stats = provider.stat(address, QueueSettings.DEFAULTS);
      return stats.ready().orElse(0) + stats.inFlight().orElse(0);
    }

    List<DeadLetter> letters() throws QueueException {
      List<DeadLetter> letters = new ArrayList<>();
      provider.dead(address, QueueSettings.DEFAULTS, letters::add);
      return letters;
    }
  }

  Queue queue(String... items) throws Exception {
    return queueOf(address("queue", folder), items);
  }

  private Queue queueWithKills(String... items) throws Exception {
    return queueOf(addressWithKills("queue", folder), items);
  }

  private static Queue queueOf(String text, String... items) throws Exception {
    QueueAddress address = QueueAddress.parse(text);
    Queue queue = new Queue(text, Queues.of(address), address);
    queue.provider().create(address, QueueSettings.DEFAULTS);
    queue.fill(items);
    return queue;
  }

  private Minion minion(Queue queue) {
    String key = folder.toString();
    TESTS.put(key, this);
    return Minion.function(parameter -> TESTS.get(key).handle(parameter))
        .queue(queue.text())
        .print(System.out, new PrintStream(new ByteArrayOutputStream(), true, UTF_8));
  }

  private void handle(Parameter parameter) throws InterruptedException {
    deliveries.incrementAndGet();
    switch (parameter.text()) {
      case "fail" -> throw new IllegalStateException("it is fail");
      case "wait" -> {
        seen.add("waiting");
        release.await();
      }
      default -> {}
    }
    seen.add(parameter.text());
  }

  private List<String> done() throws IOException {
    Path file = folder.resolve("done");
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  static void await(Function<Integer, Boolean> condition) throws InterruptedException {
    for (int i = 0; !condition.apply(i); i++) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  void assertAllDone(String what, int count) throws IOException {
    Map<String, Long> times = done().stream().collect(groupingBy(item -> item, counting()));
    assertThat(new TreeSet<>(times.keySet())).containsExactlyInAnyOrder(numbers(count));
    long twice = times.values().stream().mapToLong(each -> each - 1).sum();
    System.out.println(
        "%s, %s: %s items, %s of them done once more"
            .formatted(getClass().getSimpleName(), what, count, twice));
  }

  // ---------------------------------------------------------------- delivering

  @Test
  void twoMinions_doEachItem() throws Exception {
    Queue queue = queue(numbers(300));
    RunningMinion one = minion(queue).parallel(2).start();
    RunningMinion other = minion(queue).start();
    MinionResult first = one.await();
    MinionResult second = other.await();
    assertThat(seen).containsExactlyInAnyOrder(numbers(300));
    assertThat(first.succeeded() + second.succeeded()).isGreaterThanOrEqualTo(300);
    assertThat(queue.letters()).isEmpty();
  }

  @Test
  void values_areAnyBytes() throws Exception {
    List<byte[]> values =
        List.of("a\nb \"'é".getBytes(UTF_8), new byte[200_000], new byte[] {-1, 0, 1});
    Queue queue = queue();
    queue.provider().fill(queue.address(), QueueSettings.DEFAULTS, values.iterator());
    List<byte[]> found = new ArrayList<>();
    try (QueueEngine engine = queue.open()) {
      while (found.size() < values.size()) {
        Delivery delivery = next(engine);
        found.add(delivery.value());
        delivery.ack();
      }
    }
    assertThat(found).containsExactlyInAnyOrderElementsOf(values);
  }

  @Test
  void isDrained_countsWhatIsInFlight() throws Exception {
    Queue queue = queue("a");
    try (QueueEngine engine = queue.open()) {
      Delivery delivery = next(engine);
      assertThat(engine.isDrained()).isFalse();
      delivery.ack();
      drain(engine);
    }
  }

  // ---------------------------------------------------------------- minions that die

  @Test
  void minionsKilledAtRandom_loseNothing() throws Exception {
    int count = 1500;
    Queue queue = queueWithKills(numbers(count));
    Random random = new Random(1);
    List<MinionProcess> minions = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        minions.add(MinionProcess.start(queue.text(), folder, 2, i));
      }
      int kills = 8;
      for (int kill = 0; kill < kills; kill++) {
        int enough = count * (kill + 1) / (kills + 2);
        await(_ -> hasDone(enough) || minions.stream().noneMatch(MinionProcess::isAlive));
        MinionProcess victim = minions.remove(random.nextInt(minions.size()));
        victim.close();
        minions.add(MinionProcess.start(queue.text(), folder, 2, 3 + kill));
      }
      for (MinionProcess each : minions) {
        assertThat(each.exitCode()).as(each.errors()).isZero();
      }
    } finally {
      minions.forEach(MinionProcess::close);
    }
    assertAllDone("minions killed", count);
    assertThat(queue.letters()).isEmpty();
  }

  boolean hasDone(int enough) {
    try {
      return done().size() >= enough;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void itemThatKillsItsMinion_isADeadLetter_afterTheMostDeliveries() throws Exception {
    Queue queue = queueWithKills("1", "halt", "0");
    int died = deathsUntilDrained(queue);
    assertThat(died).isEqualTo(3);
    assertAllDone("an item that kills", 2);
    assertThat(queue.letters())
        .singleElement()
        .satisfies(letter -> {
          assertThat(new String(letter.value(), UTF_8)).isEqualTo("halt");
          assertThat(letter.reason())
              .isEqualTo("The item was delivered 3 times, and no minion has finished it.");
        });
  }

  /** Starts minions until one finds the queue drained, and returns how many died before. */
  private int deathsUntilDrained(Queue queue) throws Exception {
    for (int died = 0; died < 6; died++) {
      try (MinionProcess minion = MinionProcess.start(queue.text(), folder, 1, died)) {
        if (minion.exitCode() == 0) {
          return died;
        }
      }
    }
    throw new AssertionError("The item was never a dead letter.");
  }

  @Test
  void itemThatKillsItsMinion_amongShortOnes_isTheOnlyDeadLetter() throws Exception {
    int count = 60;
    List<String> items = new ArrayList<>(List.of(numbers(count)));
    items.add(count / 2, "halt");
    Queue queue = queueWithKills(items.toArray(String[]::new));
    int died = deathsUntilDrained(queue);
    assertThat(queue.letters())
        .extracting(letter -> new String(letter.value(), UTF_8))
        .containsExactly("halt");
    assertThat(died).isEqualTo(3);
    assertAllDone("an item that kills, among others", count);
  }

  // ---------------------------------------------------------------- leases

  @Test
  void longItem_keepsItsLease_whileOthersWork() throws Exception {
    Queue queue = queue("wait");
    RunningMinion one = minion(queue).start();
    await(_ -> seen.contains("waiting"));
    // more than two leases pass while the other minion gets an item that comes again and again
    queue.fill("again");
    try (QueueEngine other = queue.open()) {
      Duration third = lease().dividedBy(3);
      for (int i = 0; i < 8; i++) {
        Delivery delivery = next(other);
        assertThat(text(delivery)).isEqualTo("again");
        if (i == 7) {
          delivery.ack();
        } else {
          delivery.nack(third);
        }
      }
    }
    release.countDown();
    assertThat(one.await().succeeded()).isEqualTo(1);
    assertThat(deliveries).hasValue(1);
  }

  @Test
  void nack_comesAgain_afterTheDelay() throws Exception {
    Queue queue = queue("a");
    try (QueueEngine engine = queue.open()) {
      Delivery delivery = next(engine);
      Duration delay = Duration.ofMillis(700);
      long from = System.nanoTime();
      delivery.nack(delay);
      Delivery again = next(engine);
      assertThat(System.nanoTime() - from).isGreaterThanOrEqualTo(delay.toNanos());
      assertThat(again.count()).isGreaterThanOrEqualTo(2);
      again.ack();
    }
  }

  @Test
  void nack_reachesOthers_whileItsMinionIsBusy() throws Exception {
    Queue queue = queue("a", "b");
    try (QueueEngine one = queue.open()) {
      Delivery running = next(one);
      Delivery back = next(one);
      String item = text(back);
      back.nack(Duration.ZERO);
      try (QueueEngine other = queue.open()) {
        Delivery delivery = null;
        while (delivery == null) {
          // nothing else is asked of the queue as long as an item runs
          running.extend();
          delivery = other.next(PATIENCE);
        }
        assertThat(text(delivery)).isEqualTo(item);
        delivery.ack();
      }
      running.ack();
    }
  }

  @Test
  void ack_reachesTheQueue_whileItsMinionIsBusy() throws Exception {
    int count = 20;
    Queue queue = queue(numbers(count));
    try (QueueEngine engine = queue.open()) {
      Delivery running = next(engine);
      for (int i = 1; i < count; i++) {
        Delivery done = running;
        running = next(engine);
        done.ack();
      }
      // nothing else is asked of the queue as long as an item runs
      engine.flush();
      while (queue.left() > 1) {
        running.extend();
        engine.tend();
        LockSupport.parkNanos(PAUSE_NANOS);
      }
      running.ack();
    }
  }

  @Test
  void close_givesBackWhatWasNotSettled() throws Exception {
    Queue queue = queue("a", "b");
    try (QueueEngine engine = queue.open()) {
      var _ = next(engine);
    }
    Set<String> found = new TreeSet<>();
    try (QueueEngine engine = queue.open()) {
      while (found.size() < 2) {
        Delivery delivery = next(engine);
        found.add(text(delivery));
        delivery.ack();
      }
    }
    assertThat(found).containsExactly("a", "b");
  }

  // ---------------------------------------------------------------- failures

  @Test
  void itemThatFails_isADeadLetter_afterTheMostDeliveries() throws Exception {
    Queue queue = queue("0", "fail", "1");
    MinionResult result =
        minion(queue).onFailure(OnFailure.NACK).maxDeliveries(3).retryDelay(Duration.ZERO).run();
    assertThat(result.succeeded()).isEqualTo(2);
    assertThat(result.failed()).isEqualTo(3);
    assertThat(result.dead()).isEqualTo(1);
    assertThat(queue.letters())
        .singleElement()
        .satisfies(letter -> {
          assertThat(new String(letter.value(), UTF_8)).isEqualTo("fail");
          assertThat(letter.count()).isEqualTo(3);
          assertThat(letter.reason()).contains("it is fail");
        });
  }

  @Test
  void itemThatCannotBeDecoded_isADeadLetter_atOnce() throws Exception {
    Queue queue = queue("0", "{1", "1");
    MinionResult result = minion(queue).decoder(Parameter.Decoder.JSON).run();
    assertThat(result.succeeded()).isEqualTo(2);
    assertThat(result.dead()).isEqualTo(1);
    assertThat(queue.letters())
        .singleElement()
        .satisfies(letter -> {
          assertThat(new String(letter.value(), UTF_8)).isEqualTo("{1");
          assertThat(letter.count()).isEqualTo(1);
          assertThat(letter.reason()).startsWith("The item cannot be decoded: it is not JSON");
        });
  }

  @Test
  void deadLetters_areRequeued() throws Exception {
    Queue queue = queue("fail");
    assertThat(minion(queue).onFailure(OnFailure.DEAD).run().dead()).isEqualTo(1);
    assertThat(queue.provider().requeue(queue.address(), QueueSettings.DEFAULTS)).isEqualTo(1);
    assertThat(queue.letters()).isEmpty();
    // a server may lease the item to the minion that has just gone
    RunningMinion other = minion(queue).follow().start();
    await(_ -> deliveries.get() == 2);
    other.stop();
    assertThat(other.await().failed()).isEqualTo(1);
  }

  // ---------------------------------------------------------------- the end

  @Test
  void sigterm_givesBackWhatHasNotBegun_andWaitsForWhatRuns() throws Exception {
    Queue queue = queue("wait");
    try (MinionProcess minion = MinionProcess.start(queue.text(), folder, 1, 0)) {
      await(_ -> Files.exists(folder.resolve("waiting")) || !minion.isAlive());
      queue.fill(numbers(20));
      minion.terminate();
      // it has stopped to take items, so another minion gets all of these
      MinionResult result;
      RunningMinion other = minion(queue).start();
      await(_ -> seen.size() == 20);
      Files.writeString(folder.resolve("go"), "");
      result = other.await();
      assertThat(minion.exitCode()).as(minion.errors()).isZero();
      assertThat(minion.errors()).contains("succeeded=1,", "stopped=true");
      assertThat(result.succeeded()).isEqualTo(20);
    }
    assertThat(done()).containsExactly("wait");
  }

  @Test
  void stop_whileAnItemTakesTooLong_givesItBack() throws Exception {
    Queue queue = queue("wait");
    RunningMinion minion = minion(queue).grace(Duration.ofMillis(50)).start();
    await(_ -> seen.contains("waiting"));
    minion.stop();
    MinionResult result = minion.await();
    assertThat(result.returned()).isEqualTo(1);
    assertThat(result.killed()).isTrue();
    try (QueueEngine engine = queue.open()) {
      Delivery delivery = next(engine);
      assertThat(delivery.count()).isGreaterThanOrEqualTo(2);
      delivery.ack();
    }
  }

  @Test
  void purge_removesTheQueue() throws Exception {
    Queue queue = queue("a");
    queue.provider().purge(queue.address(), QueueSettings.DEFAULTS);
    queue.provider().create(queue.address(), QueueSettings.DEFAULTS);
    try (QueueEngine engine = queue.open()) {
      assertThat(engine.next(PATIENCE)).isNull();
    }
  }
}
