package dev.grain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How many inputs of a stream may be on their way. */
final class MapWindowTest {
  private static final int MOST = 10;
  private static final int BYTES = 1_000;

  private final MapWindow window = new MapWindow(MOST, BYTES);

  /** Lets inputs enter, and returns how many have. */
  private int fill() {
    int entered = 0;
    while (window.hasRoom()) {
      window.enter();
      entered++;
    }
    return entered;
  }

  private void result(long size) {
    window.onStarted();
    window.onEnded(true, size);
  }

  @Test
  void beforeTheFirstResult_twoInputsWaitForSlots_whateverRuns() {
    assertThat(fill()).isEqualTo(2);
    window.onStarted();
    assertThat(fill()).isEqualTo(1);
    window.onStarted();
    window.onStarted();
    assertThat(fill()).isEqualTo(2);
  }

  @Test
  void smallResults_letTheWindowGrow_upToItsMost() {
    assertThat(fill()).isEqualTo(2);
    int open = 2;
    for (int number = 0; number < 20; number++) {
      result(1);
      window.leave(1);
      open += fill() - 1;
    }
    assertThat(open).isEqualTo(MOST);
  }

  @Test
  void resultsThatWait_andThoseToCome_takeNoMoreThanTheirBytes() {
    assertThat(fill()).isEqualTo(2);
    result(300);
    result(300);
    // two wait, and a third one will
    assertThat(fill()).isEqualTo(1);
    result(300);
    assertThat(fill()).isZero();
    window.leave(300);
    assertThat(fill()).isEqualTo(1);
  }

  @Test
  void resultsLargerThanEverything_comeOneByOne() {
    assertThat(fill()).isEqualTo(2);
    result(5 * BYTES);
    result(5 * BYTES);
    window.leave(5 * BYTES);
    assertThat(fill()).isZero();
    window.leave(5 * BYTES);
    assertThat(fill()).isEqualTo(1);
  }

  @Test
  void aLargeResultOfLongAgo_isForgotten() {
    assertThat(fill()).isEqualTo(2);
    result(BYTES);
    window.leave(BYTES);
    for (int number = 0; number < 200; number++) {
      result(1);
      window.leave(1);
      fill();
    }
    assertThat(fill()).isZero();
    result(1);
    assertThat(fill()).isZero();
    window.leave(1);
    assertThat(fill()).isEqualTo(1);
  }

  @Test
  void jobThatEndsWithoutHavingStarted_waitsForSlotsNoMore() {
    assertThat(fill()).isEqualTo(2);
    window.onEnded(false, 0);
    window.leave(0);
    window.onEnded(false, 0);
    window.leave(0);
    assertThat(fill()).isEqualTo(6);
  }
}
