package dev.grain.minion;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How many items a minion takes before the first of them has ended. */
final class WindowTest {
  @Test
  void size_atFirst_isWhatRunsAtATime() {
    assertThat(new Window(3, true).size(1)).isEqualTo(3);
  }

  @Test
  void size_ofShortItems_hasSomeThatWait() {
    Window window = new Window(3, true);
    long now = 1_000_000_000;
    for (int i = 0; i < 100; i++) {
      window.ended(now += 200_000);
    }
    assertThat(window.size(now)).isBetween(95, 103);
    for (int i = 0; i < 100; i++) {
      window.ended(now += 1_000);
    }
    assertThat(window.size(now)).isEqualTo(3 + 512);
  }

  @Test
  void size_whenItemsGetLong_isWhatRunsAtATimeSoon() {
    Window window = new Window(3, true);
    long now = 1_000_000_000;
    for (int i = 0; i < 100; i++) {
      window.ended(now += 1_000);
    }
    for (int i = 0; i < 6; i++) {
      window.ended(now += 1_000_000_000);
    }
    assertThat(window.size(now)).isEqualTo(3);
  }

  @Test
  void size_whileALongItemRuns_isWhatRunsAtATime() {
    Window window = new Window(3, true);
    long now = 1_000_000_000;
    for (int i = 0; i < 100; i++) {
      window.ended(now += 1_000);
    }
    assertThat(window.size(now + 100_000_000)).isEqualTo(3);
  }

  @Test
  void size_withoutLimitOfSlots_isWhatRunsAtATime() {
    Window window = new Window(3, false);
    for (int i = 0; i < 100; i++) {
      window.ended(i);
    }
    assertThat(window.size(100)).isEqualTo(3);
  }
}
