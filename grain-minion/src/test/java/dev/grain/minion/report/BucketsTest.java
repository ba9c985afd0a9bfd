package dev.grain.minion.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Buckets that widen. */
final class BucketsTest {
  @Test
  void amounts_areKept_howeverFarApart() {
    Random random = new Random(7);
    for (int run = 0; run < 200; run++) {
      Buckets buckets = new Buckets(0.1);
      double range = Math.pow(10, random.nextInt(9) - 2);
      double origin = 1.6e9 + random.nextDouble() * 1000;
      int number = 1 + random.nextInt(300);
      double[] places = random.doubles(number, origin, origin + range).toArray();
      for (double place : places) {
        buckets.add(place, 1);
      }
      // a bucket is at most this wide
      double wide = Math.max(0.1, range / 512);
      Buckets.Sums sums = buckets.amounts();
      assertThat(sums.before(origin + range + wide)).isEqualTo(number, within(1e-6));
      double middle = origin + range / 2;
      long least = count(places, middle - wide);
      long most = count(places, middle + wide);
      assertThat(sums.before(middle)).isBetween(least - 1e-6, most + 1e-6);
    }
  }

  private static long count(double[] places, double before) {
    long number = 0;
    for (double place : places) {
      if (place < before) {
        number++;
      }
    }
    return number;
  }

  @Test
  void levels_areExact_atEachEndOfABucket() {
    Random random = new Random(11);
    for (int run = 0; run < 200; run++) {
      Buckets buckets = new Buckets(0.1);
      double range = Math.pow(10, random.nextInt(7));
      double spent = 0;
      for (int i = 0; i < 100; i++) {
        double start = 1.6e9 + random.nextDouble() * range;
        double end = start + random.nextDouble() * range;
        spent += end - start;
        buckets.add(end, -1);
        buckets.add(start, 1);
      }
      assertThat(buckets.levels().before(1.6e9 + 3 * range + 10))
          .isEqualTo(spent, within(1e-6 * range + 1e-3));
    }
  }

  @Test
  void level_thatHasNotEnded_goesOn() {
    Buckets buckets = new Buckets(0.1);
    buckets.add(100, 1);
    assertThat(buckets.levels().perStep(98, 1, 4))
        .containsExactly(new double[] {0, 0, 1, 1}, within(1e-9));
  }
}
