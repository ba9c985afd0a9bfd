package dev.grain.minion;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class WidthsTest {
  private static final int WIDEST = 1000;
  private static final long MILLI = 1_000_000;
  private static final int MANY = 100;

  private final Widths widths = new Widths(List.of(1, 8, 64, WIDEST));

  private int widthAfter(int items, long nanosEach, int others) {
    for (int i = 0; i < items; i++) {
      widths.ended(nanosEach, others, 1);
    }
    return widths.width();
  }

  @Test
  void width_beforeAnyItem_isOne() {
    assertThat(widths.width()).isEqualTo(1);
  }

  @Test
  void width_isWhatTheMinionDoesInAShortWhile() {
    assertThat(widthAfter(MANY, 1000 * MILLI, 1)).isEqualTo(1);
    assertThat(widthAfter(MANY, 1000 * MILLI, 8)).isEqualTo(1);
    assertThat(widthAfter(MANY, 20 * MILLI, 1)).isEqualTo(8);
    assertThat(widthAfter(MANY, 20 * MILLI, 8)).isEqualTo(64);
    assertThat(widthAfter(MANY, MILLI / 100, 1)).isEqualTo(WIDEST);
  }

  @Test
  void width_followsTheFirstItems() {
    assertThat(widthAfter(1, MILLI / 100, 1)).isEqualTo(1);
    assertThat(widthAfter(3, MILLI / 100, 1)).isEqualTo(8);
    assertThat(widthAfter(3, MILLI / 100, 1)).isEqualTo(64);
  }

  @Test
  void width_afterOneLongItem_stays() {
    assertThat(widthAfter(MANY, MILLI / 100, 1)).isEqualTo(WIDEST);
    assertThat(widthAfter(1, 1000 * MILLI, 1)).isEqualTo(WIDEST);
  }

  @Test
  void width_whenItemsBecomeLong_isSmallAfterSome() {
    assertThat(widthAfter(MANY, MILLI / 100, 1)).isEqualTo(WIDEST);
    assertThat(widthAfter(20, 1000 * MILLI, 1)).isEqualTo(1);
  }

  @Test
  void width_ofLargeItems_isSmall() {
    for (int i = 0; i < MANY; i++) {
      widths.ended(MILLI / 100, 1, 1 << 20);
    }
    assertThat(widths.width()).isEqualTo(8);
  }

  @Test
  void width_whenTooManyWereTaken_isOne() {
    assertThat(widthAfter(MANY, MILLI / 100, 1)).isEqualTo(WIDEST);
    widths.tooMany();
    assertThat(widths.width()).isEqualTo(1);
  }
}
