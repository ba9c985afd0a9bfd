package dev.grain.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.grain.spec.JobSpec;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Texts with errors of any kind: each is read or refused with its mistakes, and nothing else. */
final class DamagedTextTest {
  private static final int TEXTS = 200;

  private static final List<String> PIECES =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          ": ",
          "\n",
          "\n- ",
          "  ",
          "\t",
          "\"",
          "'",
          "|",
          ">",
          "#",
          "&a ",
          "*a",
          "!x ",
          "!!int ",
          "%YAML 1.1\n",
          "---\n",
          "...",
          "? ",
          "<<: ",
          "null",
          "-1",
          "1e999",
          "0x",
          "\\u",
          "\\",
          "\0",
          "\ud800",
          "\udc00",
          "\u0085",
          "\u2028",
          "\ufeff",
          "@",
          "`",
          "ä",
          "😀",
          "jobs:",
          "defaults:",
          "command: ",
          "{cpu.",
          "}}");

  static LongStream seeds() {
    return LongStream.range(0, 20);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void text_withErrors_isRead_orRefusedWithItsMistakes(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    RandomSpecs specs = new RandomSpecs(seed);
    for (int i = 0; i < TEXTS; i++) {
      JobSpec spec = specs.next();
      String text = random.nextBoolean() ? JobSpecs.toYaml(spec) : JobSpecs.toJson(spec);
      for (int left = random.nextInt(1, 5); left > 0; left--) {
        text = damaged(text, random);
      }
      assertReadOrRefused(JobSpecs::readYaml, text);
      assertReadOrRefused(JobSpecs::readJson, text);
    }
  }

  private static String damaged(String text, SplittableRandom random) {
    int from = random.nextInt(text.length() + 1);
    int to = Math.min(text.length(), from + random.nextInt(6));
    return switch (random.nextInt(3)) {
      case 0 -> text.substring(0, from) + text.substring(to);
      case 1 -> text.substring(0, to) + text.substring(from);
      default ->
          text.substring(0, from)
              + PIECES.get(random.nextInt(PIECES.size()))
              + text.substring(from);
    };
  }

  private static void assertReadOrRefused(Function<String, List<JobSpec>> reader, String text) {
    try {
      for (JobSpec job : reader.apply(text)) {
        assertThat(JobSpecs.readOne(JobSpecs.toJson(job))).isEqualTo(job);
      }
    } catch (JobSpecException e) {
      assertThat(e.problems()).isNotEmpty();
    } catch (RuntimeException | StackOverflowError e) {
      fail("reading <" + text + ">", e);
    }
  }
}
