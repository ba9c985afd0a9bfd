package dev.grain.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each skipped test gets a line with its reason, and no other test does. */
final class SkippedTestsTest {
  @TempDir private Path folder;

  /** Skipped in each of the ways there are. */
  static final class Several {
    @Test
    void assumes() {
      assumeTrue(false, "there is no\nscript(1) here");
    }

    @Test
    void givesNoReason() {
      abort();
    }

    @Test
    @Disabled("it is switched off")
    void isDisabled() {}

    @Test
    void passes() {}
  }

  /** Skipped as a whole. */
  static final class Whole {
    @BeforeAll
    static void assumes() {
      assumeTrue(false, "Docker is not running");
    }

    @Test
    void passes() {}
  }

  private Path run(Class<?> test) {
    Path file = folder.resolve("not yet there").resolve("skipped.txt");
    OneClass.run(test, Map.of("grain.test.skipped", file.toString()));
    return file;
  }

  @Test
  void skippedTests_areListedWithTheirReasons() throws Exception {
    assertThat(Files.readAllLines(run(Several.class)))
        .containsExactlyInAnyOrder(
            "SkippedTestsTest$Several.assumes: there is no script(1) here",
            "SkippedTestsTest$Several.givesNoReason: no reason is given",
            "SkippedTestsTest$Several.isDisabled: it is switched off");
  }

  @Test
  void testsOfASkippedClass_areListed() throws Exception {
    assertThat(Files.readAllLines(run(Whole.class)))
        .containsExactly("SkippedTestsTest$Whole.passes: Docker is not running");
  }
}
