package dev.grain.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DurationsTest {
  @ParameterizedTest
  @CsvSource({
    "PT0S, 0 s",
    "PT0.05S, 50 ms",
    "PT0.0015S, 1.5 ms",
    "PT0.000000001S, 0.000001 ms",
    "PT1S, 1 s",
    "PT1.25S, 1.25 s",
    "PT10S, 10 s",
    "PT5M, 5 min",
    "PT1M30.5S, 1 min 30.5 s",
    "PT1H30M, 1 h 30 min",
    "PT48H, 2 d",
    "PT-0.05S, -50 ms",
    "PT-90S, -1 min 30 s"
  })
  void readable_isWhatPeopleWrite(Duration duration, String text) {
    assertThat(Durations.readable(duration)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"9223372036854775807", "-9223372036854775808"})
  void readable_ofTheExtremes_isSomething(long seconds) {
    assertThat(Durations.readable(Duration.ofSeconds(seconds))).isNotEmpty();
  }
}
