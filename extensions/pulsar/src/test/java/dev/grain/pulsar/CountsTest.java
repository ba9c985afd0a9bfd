package dev.grain.pulsar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.pulsar.Counts.MessageKey;
import org.junit.jupiter.api.Test;

/** How many times messages were delivered. */
final class CountsTest {
  private final Counts counts = new Counts();

  @Test
  void add_countsEachMessageApart() {
    for (int entry = 0; entry < 5000; entry += 1000) {
      counts.add(new MessageKey(7, entry, 0), 1);
    }
    counts.add(new MessageKey(7, 4000, 0), 1);
    counts.add(new MessageKey(8, 4000, 0), 1);
    counts.add(new MessageKey(8, 4000, 3), 1);
    assertThat(counts.of(new MessageKey(7, 4000, 0))).isEqualTo(2);
    assertThat(counts.of(new MessageKey(7, 3000, 0))).isEqualTo(1);
    assertThat(counts.of(new MessageKey(7, 3001, 0))).isZero();
    assertThat(counts.of(new MessageKey(7, 9000, 0))).isZero();
    assertThat(counts.of(new MessageKey(8, 4000, 0))).isEqualTo(1);
    assertThat(counts.of(new MessageKey(8, 4000, 3))).isEqualTo(1);
    assertThat(counts.of(new MessageKey(8, 4000, 2))).isZero();
  }

  @Test
  void add_staysWithinItsBounds() {
    MessageKey key = new MessageKey(1, 1, 0);
    counts.add(key, -1);
    assertThat(counts.of(key)).isZero();
    for (int i = 0; i < 300; i++) {
      counts.add(key, 1);
    }
    assertThat(counts.of(key)).isEqualTo(127);
  }

  @Test
  void forget_removesWhatIsBeforeALedger() {
    counts.add(new MessageKey(3, 9, 0), 1);
    counts.add(new MessageKey(3, 9, 1), 1);
    counts.add(new MessageKey(4, 0, 0), 1);
    counts.forget(4);
    assertThat(counts.of(new MessageKey(3, 9, 0))).isZero();
    assertThat(counts.of(new MessageKey(3, 9, 1))).isZero();
    assertThat(counts.of(new MessageKey(4, 0, 0))).isEqualTo(1);
  }

  @Test
  void position_isOrderedByLedgerFirst() {
    assertThat(Position.parse("3:9")).isLessThan(Position.parse("4:-1"));
    assertThat(Position.parse("4:8")).isLessThan(Position.parse("4:9"));
    assertThat(Position.parse("4")).isNull();
  }
}
