package dev.grain.benchmarks;

import dev.grain.benchmarks.Minions.Work;
import dev.grain.google.Emulator;
import dev.grain.kafka.KafkaServer;
import dev.grain.pulsar.PulsarServer;
import dev.grain.rabbitmq.RabbitServer;
import dev.grain.redis.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/**
 * What serves the queues of one kind while they are measured.
 *
 * @param scheme that of the addresses of its queues
 * @param items how many of them are processed in about a second, if a function is called
 * @param starter starts it
 */
record QueueServer(String scheme, int items, Starter starter) {
  private static final int COMMANDS = 500;

  /** Starts what serves queues. */
  @FunctionalInterface
  interface Starter {
    /**
     * Starts it, and returns when it serves.
     *
     * @param folder where its files are
     * @throws TestAbortedException if it is not installed; the message says what to do
     */
    Running start(Path folder) throws Exception;
  }

  /** Ends it. */
  @FunctionalInterface
  interface Ending {
    void end() throws Exception;
  }

  /**
   * It serves.
   *
   * @param addresses the addresses of queues by their names
   */
  record Running(Function<String, String> addresses, Ending ending) implements AutoCloseable {
    String address(String name) {
      return addresses.apply(name);
    }

    @Override
    public void close() throws IOException {
      try {
        ending.end();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        throw new IOException("What serves queues cannot be ended", e);
      }
    }
  }

  /**
   * Returns one of each kind.
   *
   * @param checkout the folder of the sources, in which some are built
   */
  static List<QueueServer> all(Path checkout) {
    return List.of(
        new QueueServer("file", 50_000, QueueServer::folder),
        new QueueServer("redis", 10_000, QueueServer::redis),
        new QueueServer("rabbitmq", 10_000, QueueServer::rabbit),
        new QueueServer("kafka", 20_000, _ -> kafka(checkout)),
        new QueueServer("pulsar", 10_000, _ -> pulsar(checkout)),
        new QueueServer("pubsub", 4_000, _ -> pubSub()));
  }

  /** Returns how many items a round has. */
  int items(Work work) {
    return work == Work.FUNCTION ? items : COMMANDS;
  }

  /** Queues in folders need no server. */
  static Running folder(Path folder) {
    return new Running(name -> "file:" + folder.resolve(name), () -> {});
  }

  private static Running redis(Path folder) throws Exception {
    RedisServer server = RedisServer.start(Files.createDirectories(folder.resolve("redis")));
    return new Running(
        name -> "redis://127.0.0.1:%s/%s".formatted(server.port(), name), server::close);
  }

  private static Running rabbit(Path folder) throws Exception {
    RabbitServer server = RabbitServer.start(Files.createDirectories(folder.resolve("rabbitmq")));
    return new Running(
        name -> "rabbitmq://127.0.0.1:%s/%s".formatted(server.port(), name), server::close);
  }

  private static Running kafka(Path checkout) throws Exception {
    Path classPath = checkout.resolve("extensions/kafka-broker/target/classpath.txt");
    KafkaServer server = KafkaServer.shared(classPath);
    return new Running(name -> "kafka://%s/%s".formatted(server.address(), name), server::stop);
  }

  private static Running pulsar(Path checkout) throws Exception {
    System.setProperty("pulsar.server", pulsarHome(checkout).toString());
    PulsarServer server = new PulsarServer(Map.of());
    server.start();
    return new Running(
        name ->
            "%s/%s?subscription=bench&admin=%s".formatted(server.service(), name, server.admin()),
        server::close);
  }

  private static Running pubSub() throws IOException, InterruptedException {
    Emulator emulator = Emulator.start();
    return new Running(
        name -> "pubsub:bench/%s?emulator=%s".formatted(name, emulator.host()), emulator::close);
  }

  private static Path pulsarHome(Path checkout) throws IOException {
    Path servers = checkout.resolve("extensions/pulsar/target/server");
    if (Files.exists(servers)) {
      try (Stream<Path> all = Files.list(servers)) {
        List<Path> found = all.filter(Files::isDirectory).toList();
        if (!found.isEmpty()) {
          return found.getFirst();
        }
      }
    }
    throw new TestAbortedException(
        "There is no server of Pulsar: mvn -pl extensions/pulsar -am test-compile fetches it.");
  }
}
