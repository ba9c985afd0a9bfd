package dev.grain.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SilenceTest {
  @Test
  void tick_untilTheBound_isPatient() {
    Silence silence = new Silence(1, 3);

    assertThat(silence.tick(false)).isFalse();
    assertThat(silence.tick(false)).isFalse();
    assertThat(silence.tick(false)).isTrue();
  }

  @Test
  void tick_afterSomethingWasHeard_beginsAnew() {
    Silence silence = new Silence(1, 2);

    assertThat(silence.tick(false)).isFalse();
    assertThat(silence.tick(true)).isFalse();
    assertThat(silence.tick(false)).isFalse();
    assertThat(silence.tick(false)).isTrue();
  }
}
