package dev.grain.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class IntervalTest {
  private final SplittableRandom random = new SplittableRandom(7);

  @Test
  void functions_ofNumbersInside_areInside() {
    for (int i = 0; i < 20_000; i++) {
      double middle = random.nextDouble(-200, 200);
      double width = Math.pow(10, random.nextDouble(-14, 1));
      Interval interval = new Interval(middle, middle + width);

      ensureHolds(interval, Interval::sin, StrictMath::sin);
      ensureHolds(interval, Interval::cos, StrictMath::cos);
      ensureHolds(interval, Interval::exp, StrictMath::exp);
      ensureHolds(interval, Interval::square, x -> x * x);
      ensureHolds(interval, whole -> whole.times(-3.1), x -> x * -3.1);
    }
  }

  @Test
  void operations_onNumbersInside_areInside() {
    for (int i = 0; i < 20_000; i++) {
      double a = random.nextDouble(-2, 2);
      double b = random.nextDouble(-2, 2);
      Interval one = new Interval(a, a + random.nextDouble());
      Interval other = new Interval(b, b + random.nextDouble());
      double x = random.nextDouble(one.low(), one.high());
      double y = random.nextDouble(other.low(), other.high());

      ensureHolds(one.plus(other), x + y);
      ensureHolds(one.minus(other), x - y);
      ensureHolds(one.times(other), x * y);
    }
  }

  @Test
  void sin_aroundItsExtremes_reachesOne() {
    assertThat(new Interval(1.5, 1.6).sin().high()).isEqualTo(1);
    assertThat(new Interval(4.7, 4.72).sin().low()).isEqualTo(-1);
    assertThat(new Interval(0, 7).sin()).isEqualTo(new Interval(-1, 1));
    assertThat(new Interval(0.1, 0.2).sin().high()).isLessThan(0.2);
  }

  private void ensureHolds(
      Interval interval, UnaryOperator<Interval> function, DoubleUnaryOperator ofNumbers) {
    double inside = random.nextDouble(interval.low(), Math.nextUp(interval.high()));
    ensureHolds(function.apply(interval), ofNumbers.applyAsDouble(inside));
  }

  private static void ensureHolds(Interval interval, double number) {
    assertThat(interval.low() <= number && number <= interval.high())
        .as("%s holds %s", interval, number)
        .isTrue();
  }
}
