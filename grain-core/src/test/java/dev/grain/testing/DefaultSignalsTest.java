package dev.grain.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals reach the processes of tests also where those tests run in the background. */
final class DefaultSignalsTest {
  @TempDir private Path folder;

  /** Its processes end by the signals that this process ignores. */
  static final class Background {
    @ParameterizedTest
    @ValueSource(strings = {"INT", "HUP", "TERM"})
    void signal_toAChild_endsIt(String signal) throws Exception {
      Process shell =
          new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " $$; exit 0").start();
      assertThat(shell.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(shell.exitValue()).isGreaterThan(128);
    }
  }

  @Test
  void tests_startedWhereSignalsAreIgnored_haveChildrenThatReact() throws Exception {
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(
                List.of(
                    "/bin/sh",
                    "-c",
                    "trap '' INT HUP TERM; exec \"$@\"",
                    "sh",
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    OneClass.class.getName(),
                    Background.class.getName()))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(output)).isZero();
  }
}
