package dev.grain.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PaceTest {
  private static final long MILLI = 1_000_000;
  private static final int MANY = 100;

  private final Pace pace = new Pace();

  private int widthAfter(long nanosEach, int others) {
    for (int i = 0; i < MANY; i++) {
      pace.ended(nanosEach, others);
    }
    return pace.width();
  }

  @Test
  void width_beforeAnyItem_isOne() {
    assertThat(pace.width()).isEqualTo(1);
  }

  @Test
  void width_isWhatTheMinionDoesInAShortWhile() {
    assertThat(widthAfter(1000 * MILLI, 1)).isEqualTo(1);
    assertThat(widthAfter(1000 * MILLI, 8)).isEqualTo(1);
    assertThat(widthAfter(10 * MILLI, 1)).isEqualTo(8);
    assertThat(widthAfter(10 * MILLI, 8)).isEqualTo(64);
    assertThat(widthAfter(MILLI / 100, 1)).isEqualTo(Pace.WIDEST);
  }

  @Test
  void width_whenItemsBecomeLong_isSmallAfterAFew() {
    assertThat(widthAfter(MILLI / 100, 1)).isEqualTo(Pace.WIDEST);
    pace.ended(1000 * MILLI, 1);
    assertThat(pace.width()).isEqualTo(1);
  }
}
