package dev.grain.examples;

import dev.grain.minion.Minion;
import dev.grain.minion.MinionResult;
import dev.grain.minion.OnFailure;
import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueProvider;
import dev.grain.minion.QueueSettings;
import dev.grain.minion.Queues;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * Estimates pi with random numbers, with the seeds from a topic of Apache Kafka 4.2 or later.
 *
 * <pre>
 * java ... dev.grain.examples.KafkaQueue kafka://localhost:9092/seeds
 * </pre>
 *
 * <p>What it teaches: minions whose queue is served by a broker.
 *
 * <ul>
 *   <li>Nothing of the program knows Kafka: the artifact {@code grain-kafka} on the class path
 *       brings what the scheme of the address names. Try {@code redis://} or {@code file:} in its
 *       place.
 *   <li>Two minions here stand for many on many machines.
 *   <li>One seed fails when it is tried first. {@code NACK} has it delivered again.
 *   <li>An item may be processed twice, so results are kept by their seeds.
 * </ul>
 */
public final class KafkaQueue {
  private static final int SEEDS = 20;
  private static final int POINTS = 200_000;
  private static final int UNLUCKY = 13;

  // the minions are in this process, so their items can be counted here
  private static final Map<Integer, Integer> HITS = new ConcurrentHashMap<>();
  private static final Map<Integer, Boolean> TRIED = new ConcurrentHashMap<>();

  private KafkaQueue() {}

  /** Runs the program. Argument: the address of a queue, which it creates and removes. */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length != 1) {
      System.err.println("Name the queue, such as kafka://localhost:9092/seeds");
      System.exit(2);
    }
    HITS.clear();
    TRIED.clear();
    QueueAddress address = QueueAddress.parse(arguments[0]);
    QueueProvider provider = Queues.of(address);
    provider.create(address, QueueSettings.DEFAULTS);
    try {
      provider.fill(
          address,
          QueueSettings.DEFAULTS,
          IntStream.rangeClosed(1, SEEDS)
              .mapToObj(seed -> Integer.toString(seed).getBytes(StandardCharsets.UTF_8))
              .iterator());
      Minion minion =
          Minion.function(item -> throwPoints(Integer.parseInt(item.text())))
              .queue(arguments[0])
              .onFailure(OnFailure.NACK)
              .print(System.out, System.out);
      var one = minion.start();
      var other = minion.start();
      MinionResult[] results = {one.await(), other.await()};
      System.out.printf(
          "%s seeds, %s failed attempt%n",
          HITS.size(), Arrays.stream(results).mapToLong(MinionResult::failed).sum());
    } finally {
      provider.purge(address, QueueSettings.DEFAULTS);
    }
    long hits = new TreeMap<>(HITS).values().stream().mapToLong(Integer::longValue).sum();
    System.out.printf("pi is about %.3f%n", 4.0 * hits / ((long) SEEDS * POINTS));
  }

  private static void throwPoints(int seed) {
    if (seed == UNLUCKY && TRIED.put(seed, true) == null) {
      throw new IllegalStateException("This seed fails when it is tried first");
    }
    SplittableRandom random = new SplittableRandom(seed);
    int hits = 0;
    for (int i = 0; i < POINTS; i++) {
      double x = random.nextDouble();
      double y = random.nextDouble();
      if (x * x + y * y < 1) {
        hits++;
      }
    }
    HITS.put(seed, hits);
  }
}
