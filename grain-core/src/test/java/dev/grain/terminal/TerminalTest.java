package dev.grain.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The terminal as the environment describes it. */
final class TerminalTest {
  @Test
  void of_anOrdinaryTerminal_hasEightyColumnsAndColors() {
    assertThat(Terminal.of(Map.of("TERM", "xterm-256color"), StandardCharsets.UTF_8))
        .contains(new Terminal(80, true, true));
  }

  @Test
  void of_anAsciiTerminalWithoutColors_saysSo() {
    assertThat(Terminal.of(Map.of("TERM", "vt100", "NO_COLOR", "1"), StandardCharsets.US_ASCII))
        .contains(new Terminal(80, false, false));
  }

  @ParameterizedTest
  @CsvSource({"132, 132", "0, 80", "-1, 80", "wide, 80", "3, 20", "99999, 80", "9999, 1000"})
  void of_aWidth_takesItIfItIsSensible(String said, int columns) {
    assertThat(Terminal.of(Map.of("TERM", "xterm", "COLUMNS", said), StandardCharsets.UTF_8))
        .contains(new Terminal(columns, true, true));
  }

  @Test
  void of_aTerminalThatNobodyWatchesOrThatCannotErase_isEmpty() {
    assertThat(Terminal.of(Map.of(), StandardCharsets.UTF_8)).isEmpty();
    assertThat(Terminal.of(Map.of("TERM", "dumb"), StandardCharsets.UTF_8)).isEmpty();
    assertThat(Terminal.of(Map.of("TERM", "xterm", "CI", "true"), StandardCharsets.UTF_8))
        .isEmpty();
    assertThat(Terminal.of(Map.of("TERM", "xterm", "CI", "false"), StandardCharsets.UTF_8))
        .isPresent();
  }
}
