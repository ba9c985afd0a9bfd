package dev.grain.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.grain.examples.BasketOption.Point;
import java.util.List;
import org.junit.jupiter.api.Test;

class BasketOptionTest {
  @Test
  void exactGeometric_oneAsset_isTheFormulaOfBlackAndScholes() {
    Point point = new Point(1, 0.2, 0, 100, 1, 0);

    // The textbook value for spot 100, strike 100, rate 3 %, volatility 20 %, one year.
    assertThat(BasketOption.exactGeometric(point)).isCloseTo(9.413403, within(1e-6));
  }

  @Test
  void main_fiveAssets_agreesWithTheExactPricesAndPrintsTheSameEachTime() {
    List<String> lines = Program.run(BasketOption.class, "20000");

    List<String> rows = lines.subList(3, 30);
    for (String row : rows) {
      String[] cells = row.trim().split(" +", -1);
      double price = Double.parseDouble(cells[3]);
      double exact = Double.parseDouble(cells[6]);
      double offBy = Double.parseDouble(cells[7]);
      assertThat(price)
          .as("the arithmetic mean is never below the geometric one")
          .isGreaterThan(exact);
      assertThat(offBy).isBetween(-4.0, 4.0);
    }
    assertThat(lines.getLast()).startsWith("The simulated geometric prices are at most ");
    assertThat(Program.run(BasketOption.class, "20000")).isEqualTo(lines);
  }

  @Test
  void main_oneAsset_hasTheExactPriceOfBothMeans() {
    List<String> lines = Program.run(BasketOption.class, "1000", "1");

    for (String row : lines.subList(3, 30)) {
      String[] cells = row.trim().split(" +", -1);
      assertThat(Double.parseDouble(cells[3]))
          .isCloseTo(Double.parseDouble(cells[6]), within(1e-4));
    }
  }
}
