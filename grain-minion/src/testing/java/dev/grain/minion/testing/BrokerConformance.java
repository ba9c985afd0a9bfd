package dev.grain.minion.testing;

import static dev.grain.minion.testing.Deliveries.numbers;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What every engine does whose queues are served by a broker, beside what every engine does. */
public abstract class BrokerConformance extends QueueConformance {
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  /** What serves the queues; it can be stopped, and started again with what it had. */
  public interface Broker {
    /** Stops it. */
    void stop() throws Exception;

    /** Starts it again, and returns when it serves. */
    void start() throws Exception;
  }

  /** Returns what serves the queues. */
  protected abstract Broker broker();

  @Override
  protected Duration lease() {
    return Duration.ofSeconds(2);
  }

  /**
   * Returns the address of a queue that does not exist.
   *
   * @param server the address of the server
   * @param name a word that no other queue of the test has
   */
  protected final String address(String server, String name) {
    return "%s/%s-%s?lease=%ss"
        .formatted(server, name, NUMBERS.incrementAndGet(), lease().toSeconds());
  }

  @Test
  void brokerStoppedAndStarted_losesNothing() throws Exception {
    int count = 300;
    Queue queue = queue(numbers(count));
    try (MinionProcess one = MinionProcess.start(queue.text(), folder, 1, 0);
        MinionProcess other = MinionProcess.start(queue.text(), folder, 1, 1)) {
      await(_ -> hasDone(count / 10));
      broker().stop();
      broker().start();
      assertThat(one.exitCode()).as(one.errors()).isZero();
      assertThat(other.exitCode()).as(other.errors()).isZero();
    }
    assertAllDone("broker stopped", count);
  }
}
