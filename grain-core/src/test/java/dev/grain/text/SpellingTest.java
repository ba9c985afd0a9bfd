package dev.grain.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SpellingTest {
  private static final List<String> KNOWN = List.of("--memory", "--name", "--port");

  @ParameterizedTest
  @CsvSource({
    "--memroy,--memory",
    "--PORT,--port",
    "--prot,--port",
    "--mem,--memory",
    "-nam,--name"
  })
  void nearest_withinTwoLettersOrBegun_isFound(String written, String meant) {
    assertThat(Spelling.nearest(written, KNOWN)).isEqualTo(meant);
  }

  @Test
  void nearest_farFromAll_isNone() {
    assertThat(Spelling.nearest("--colour", KNOWN)).isNull();
    assertThat(Spelling.nearest("port", List.of())).isNull();
  }

  @Test
  void nearestOption_isOneWithAName() {
    List<String> known = List.of("-h", "-j", "--port");
    assertThat(Spelling.nearestOption("--prot=1", known)).isEqualTo("--port");
    assertThat(Spelling.nearestOption("--x", known)).isNull();
    assertThat(Spelling.nearestOption("-x", known)).isNull();
  }
}
