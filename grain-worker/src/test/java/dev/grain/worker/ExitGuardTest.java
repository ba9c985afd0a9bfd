package dev.grain.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExitGuardTest {
  @TempDir private Path folder;

  /** A process that is watched over. */
  static final class Guarded {
    private Guarded() {}

    static void main(String[] arguments) throws IOException {
      Logging.configure(new LogOptions(LogOptions.Threshold.INFO, null));
      PrintStream err = System.err;
      try (ExitGuard _ = ExitGuard.install(err)) {
        if (arguments[0].equals("inside")) {
          // as in a job, which prints to something else
          System.setErr(new PrintStream(System.out, true, StandardCharsets.UTF_8));
          System.exit(0);
        }
      }
      System.exit(7);
    }
  }

  private Launcher start(String when) throws IOException {
    return Launcher.start(
        folder,
        Map.of(),
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Guarded.class.getName(),
            when));
  }

  @Test
  void exit_byAJob_getsItsOwnCodeAndShowsTheLine() throws Exception {
    try (Launcher process = start("inside")) {
      assertThat(String.join("\n", process.lines()))
          .startsWith("This error ends the worker: Runtime.exit() called with status: 0\n")
          .contains("at dev.grain.worker.ExitGuardTest$Guarded.main");
      assertThat(process.exitCode()).isEqualTo(ExitCode.ENDED_BY_JOB.number());
      assertThat(process.errors())
          .contains("Runtime.exit(0)", "at dev.grain.worker.ExitGuardTest$Guarded.main")
          .endsWith("grain-worker: a job called System.exit, which ends this worker.\n");
    }
  }

  @Test
  void exit_byTheWorker_isLeftAlone() throws Exception {
    try (Launcher process = start("after")) {
      assertThat(process.exitCode()).isEqualTo(7);
      assertThat(process.errors()).isEmpty();
    }
  }
}
