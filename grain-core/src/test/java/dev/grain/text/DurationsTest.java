package dev.grain.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
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
  @CsvSource({
    "90, PT1M30S",
    "0.5, PT0.5S",
    "90s, PT1M30S",
    "10 min, PT10M",
    "10m, PT10M",
    "5ms, PT0.005S",
    "1.5h, PT1H30M",
    "1 d 2 h 3 min 4.5 s 6 ms, PT26H3M4.506S",
    "1d2h, PT26H",
    "' 2  d ', PT48H",
    "0.0000019 ms, PT0.000000001S",
    "999999999 d, PT23999999976H"
  })
  void parse_readsWhatPeopleWrite(String text, Duration duration) {
    assertThat(Durations.parse(text)).isEqualTo(duration);
  }

  @ParameterizedTest
  @CsvSource({
    "''",
    "' '",
    "ten",
    "-5 s",
    "1e3",
    "5 minutes",
    "1 min 1 h",
    "1 s 1 s",
    "5 S",
    "1_000 s",
    ". s",
    "1. s",
    "1234567890 s",
    "٣ s",
    "1 h 30"
  })
  void parse_ofAnythingElse_saysHowToWriteIt(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Durations.parse(text))
        .withMessageContaining("is not a duration; write numbers with the units");
  }

  @Test
  void parse_readsWhatReadableWrites() {
    SplittableRandom random = new SplittableRandom(42);
    for (int i = 0; i < 1000; i++) {
      Duration duration =
          Duration.ofSeconds(random.nextLong(1L << random.nextInt(40)), random.nextInt(1 << 29));
      assertThat(Durations.parse(Durations.readable(duration))).isEqualTo(duration);
    }
  }

  @ParameterizedTest
  @CsvSource({"9223372036854775807", "-9223372036854775808"})
  void readable_ofTheExtremes_isSomething(long seconds) {
    assertThat(Durations.readable(Duration.ofSeconds(seconds))).isNotEmpty();
  }
}
