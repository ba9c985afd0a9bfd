package dev.grain.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class AdaptiveSearchTest {
  // As published with the solution of the problem.
  private static final BigDecimal LEAST = new BigDecimal("-3.306868647475237280076113770898");

  @Test
  void main_toTenDigits_enclosesThePublishedMinimum() {
    List<String> lines = Program.run(AdaptiveSearch.class, "1e-10");

    BigDecimal from = number(lines.get(0));
    BigDecimal to = number(lines.get(1));
    assertThat(LEAST).isBetween(from, to);
    assertThat(to.subtract(from)).isLessThan(new BigDecimal("1.1e-10"));
    assertThat(lines.get(2)).isEqualTo("near x = -0.0244031, y = 0.2106124");
  }

  @Test
  void main_again_doesTheSameWork() {
    List<String> lines = Program.run(AdaptiveSearch.class, "1e-6");

    Matcher work =
        Pattern.compile("The search took (\\d+) jobs in (\\d+) wait groups, \\d+ levels deep\\.")
            .matcher(lines.getLast());
    assertThat(work.matches()).isTrue();
    // Each search has a group of four jobs, and a group of further searches.
    assertThat(Integer.parseInt(work.group(1))).isEqualTo(2 * Integer.parseInt(work.group(2)));
    assertThat(Program.run(AdaptiveSearch.class, "1e-6")).isEqualTo(lines);
  }

  private static BigDecimal number(String line) {
    return new BigDecimal(line.substring(line.lastIndexOf(' ') + 1));
  }
}
