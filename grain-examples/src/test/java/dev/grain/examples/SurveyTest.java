package dev.grain.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SurveyTest {
  @Test
  void medianLength_halfOfTheMethodsAreNotLonger() {
    assertThat(of(Map.of(1, 2, 5, 1, 9, 2)).medianLength()).isEqualTo(5);
    assertThat(of(Map.of(1, 2, 9, 2)).medianLength()).isEqualTo(1);
    assertThat(of(Map.of()).medianLength()).isZero();
  }

  @Test
  void methodsWithHalfTheCode_takesTheLongestFirst() {
    assertThat(of(Map.of(1, 10, 10, 1)).methodsWithHalfTheCode()).isEqualTo(1);
    assertThat(of(Map.of(1, 10, 9, 1)).methodsWithHalfTheCode()).isEqualTo(2);
    assertThat(of(Map.of(4, 5)).methodsWithHalfTheCode()).isEqualTo(3);
    assertThat(of(Map.of()).methodsWithHalfTheCode()).isZero();
  }

  private static Survey of(Map<Integer, Integer> lengths) {
    long bytes = lengths.entrySet().stream().mapToLong(e -> (long) e.getKey() * e.getValue()).sum();
    SortedMap<Integer, Integer> none = new TreeMap<>();
    return new Survey(
        0,
        0,
        0,
        bytes,
        0,
        new TreeMap<>(lengths),
        none,
        none,
        new TreeMap<>(),
        Map.of(),
        List.of(),
        List.of());
  }
}
