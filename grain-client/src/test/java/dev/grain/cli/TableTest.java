package dev.grain.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class TableTest {
  private final Table table = new Table(List.of("ID", "NAME", "STATE"));

  @Test
  void lines_areAligned_andKeepSteeringCharactersOut() {
    table.add(List.of("long-id", "a\u001b[2J\nb", "x"));
    table.add(List.of("b", "\u6f22\u5b57", "y"));
    table.add(List.of("c", "", ""));
    assertThat(table.lines())
        .containsExactly(
            "ID       NAME     STATE",
            "long-id  a\uFFFD[2J\uFFFDb  x",
            "b        \u6f22\u5b57     y",
            "c");
  }

  @Test
  void lines_thatAreTooWide_cutTheLongestTexts_butNotTheFirstColumn() {
    table.add(List.of("i".repeat(20), "n".repeat(30), "s".repeat(12)));
    assertThat(table.lines(OptionalInt.of(60)).get(1))
        .isEqualTo("i".repeat(20) + "  " + "n".repeat(21) + "...  " + "s".repeat(12));
    assertThat(table.lines(OptionalInt.of(10)).get(1))
        .isEqualTo("i".repeat(20) + "  " + "n".repeat(5) + "...  " + "s".repeat(5) + "...");
    assertThat(table.lines(OptionalInt.of(66)).get(1)).doesNotContain("...");
  }
}
