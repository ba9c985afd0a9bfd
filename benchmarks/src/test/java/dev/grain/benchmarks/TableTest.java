package dev.grain.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TableTest {
  @Test
  void toString_figuresOfSeveralLengths_areAlignedOnTheRight() {
    Table table =
        new Table("Empty jobs", "system", "jobs/s").row("grain", "512345").row("bare", "9");

    assertThat(table.toString().lines())
        .containsExactly("Empty jobs", "  system  jobs/s", "  grain   512345", "  bare         9");
  }

  @Test
  void row_cellsDoNotFitTheColumns_throws() {
    Table table = new Table("Empty jobs", "system", "jobs/s");

    assertThatThrownBy(() -> table.row("grain"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'Empty jobs' has 2 columns");
  }
}
