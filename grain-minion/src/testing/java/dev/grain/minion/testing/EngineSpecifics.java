package dev.grain.minion.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.minion.DeadLetter;
import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueEngine.Delivery;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueProvider;
import dev.grain.minion.QueueSettings;
import dev.grain.minion.QueueStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What tests of the properties of one engine are made of, and mistakes that people make with every
 * engine. What all engines do besides is in {@link QueueConformance}.
 */
public abstract class EngineSpecifics {
  /** The queues that are tested. */
  protected final QueueProvider queues;

  /** Makes the tests of such queues. */
  protected EngineSpecifics(QueueProvider queues) {
    this.queues = queues;
  }

  /**
   * Returns the address of the queue of a test, which no other test has.
   *
   * @param more what is to be at its end, such as {@code lease=1s}; may be empty
   */
  protected abstract QueueAddress address(String more);

  /** Makes the queue with items, and returns its address. */
  protected final QueueAddress queue(String more, String... items) throws QueueException {
    QueueAddress address = address(more);
    queues.create(address, QueueSettings.DEFAULTS);
    assertThat(fill(address, items)).isEqualTo(items.length);
    return address;
  }

  protected final long fill(QueueAddress address, String... items) throws QueueException {
    return queues.fill(address, QueueSettings.DEFAULTS, Deliveries.values(items));
  }

  protected final QueueEngine open(QueueAddress address) throws QueueException {
    return queues.open(address, QueueSettings.DEFAULTS);
  }

  protected final QueueStats stat(QueueAddress address) throws QueueException {
    return queues.stat(address, QueueSettings.DEFAULTS);
  }

  protected final List<DeadLetter> letters(QueueAddress address) throws QueueException {
    List<DeadLetter> letters = new ArrayList<>();
    queues.dead(address, QueueSettings.DEFAULTS, letters::add);
    return letters;
  }

  protected final long requeue(QueueAddress address) throws QueueException {
    return queues.requeue(address, QueueSettings.DEFAULTS);
  }

  protected final void purge(QueueAddress address) throws QueueException {
    queues.purge(address, QueueSettings.DEFAULTS);
  }

  // ---------------------------------------------------------------- mistakes

  @Test
  void create_twice_isRefused() throws Exception {
    QueueAddress address = queue("");
    assertThatThrownBy(() -> queues.create(address, QueueSettings.DEFAULTS))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("There is a queue")
        .hasMessageContaining("already. Add items with: grain queue fill");
  }

  @Test
  void queueThatDoesNotExist_isNamed_withTheCommandThatCreatesIt() {
    QueueAddress address = address("");
    assertThatThrownBy(() -> open(address))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining(address.toString())
        .hasMessageContaining("grain queue create");
    assertThatThrownBy(() -> fill(address, "a")).hasMessageContaining("grain queue create");
    assertThatThrownBy(() -> stat(address)).hasMessageContaining("grain queue create");
  }

  @Test
  void itemThatEndsTwice_isRefused() throws Exception {
    QueueAddress address = queue("", "a");
    try (QueueEngine engine = open(address)) {
      Delivery delivery = Deliveries.next(engine);
      delivery.ack();
      assertThatThrownBy(() -> delivery.nack(Duration.ZERO))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(delivery.id())
          .hasMessageContaining("has ended already");
      assertThatThrownBy(delivery::ack).hasMessageContaining("has ended already");
      assertThatThrownBy(() -> delivery.dead("so")).hasMessageContaining("has ended already");
    }
  }
}
