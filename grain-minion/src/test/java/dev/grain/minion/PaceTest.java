package dev.grain.minion;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How many items are asked for at a time. */
final class PaceTest {
  private static final long MILLI = 1_000_000;

  private final Pace pace = new Pace();
  private long now = 1000 * MILLI;

  private void end(int count, long nanos, long waited, int bytes) {
    for (int i = 0; i < count; i++) {
      pace.took(waited, bytes);
      now += nanos + waited;
      pace.ended(now);
    }
  }

  @Test
  void longItems_areTakenOneByOne() {
    assertThat(pace.size()).isEqualTo(1);
    end(100, 20 * MILLI, 0, 10);
    assertThat(pace.size()).isEqualTo(1);
  }

  @Test
  void manyTakenAtTheStart_areNoSignOfShortItems() {
    for (int i = 0; i < 1000; i++) {
      pace.took(1000, 10);
    }
    assertThat(pace.size()).isEqualTo(1);
  }

  @Test
  void shortItems_areTakenTogether_whateverTheBrokerTakes() {
    end(100, MILLI / 10, 5 * MILLI, 10);
    assertThat(pace.size()).isBetween(50, 110);
    end(100, 1000, 0, 10);
    assertThat(pace.size()).isEqualTo(200);
  }

  @Test
  void itemsThatTurnLong_areTakenOneByOneSoon() {
    end(100, 1000, 0, 10);
    end(10, 100 * MILLI, 0, 10);
    assertThat(pace.size()).isEqualTo(1);
  }

  @Test
  void largeItems_areFew() {
    end(100, 1000, 0, 1 << 20);
    assertThat(pace.size()).isEqualTo(4);
  }
}
