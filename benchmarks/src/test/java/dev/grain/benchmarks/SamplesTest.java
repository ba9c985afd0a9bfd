package dev.grain.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SamplesTest {
  private final Samples samples = new Samples();

  @Test
  void median_oddCount_isTheMiddleOne() {
    add(5, 1, 3);

    assertThat(samples.median()).isEqualTo(3);
  }

  @Test
  void median_evenCount_isBetweenTheTwoInTheMiddle() {
    add(4, 1, 3, 2);

    assertThat(samples.median()).isEqualTo(2.5);
  }

  @Test
  void quantile_ofManyValuesAddedInAnyOrder_isInProportion() {
    for (int i = 0; i <= 1000; i++) {
      samples.add((i * 8) % 1001);
    }

    assertThat(samples.count()).isEqualTo(1001);
    assertThat(samples.quantile(0)).isZero();
    assertThat(samples.quantile(0.99)).isEqualTo(990, within(1e-9));
    assertThat(samples.quantile(1)).isEqualTo(1000);
  }

  @Test
  void quantile_valueAddedLater_isTakenIn() {
    add(1, 2, 3);
    samples.median();
    samples.add(0);

    assertThat(samples.quantile(0)).isZero();
  }

  @Test
  void spread_quartilesAreKnown_isHalfTheirDistanceOverTheMedian() {
    add(80, 90, 100, 110, 120);

    assertThat(samples.spread()).isEqualTo(0.1, within(1e-9));
  }

  @Test
  void median_noValues_throws() {
    assertThatThrownBy(samples::median)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no samples");
  }

  private void add(double... values) {
    for (double value : values) {
      samples.add(value);
    }
  }
}
