package dev.grain.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** No class of tests runs for ever, whatever it waits for. */
final class ClassLimitTest {
  private static final AtomicReference<ProcessHandle> STARTED = new AtomicReference<>();

  @TempDir private Path folder;

  /** Waits for a process that waits for it, where no interrupt reaches. */
  @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
  static final class Waiting {
    @Test
    @Order(1)
    void waits() throws Exception {
      Process process =
          new ProcessBuilder("/bin/sh", "-c", "echo printed to nobody >&2; cat; exit 0").start();
      STARTED.set(process.toHandle());
      assertThat(process.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    @Order(2)
    void doesNotRunAnyMore() {
      fail("it ran");
    }
  }

  /** Stays although it is interrupted. */
  static final class Deaf {
    @Test
    void stays() {
      while (true) {
        Thread.onSpinWait();
      }
    }
  }

  /** Ends by itself. */
  static final class Quick {
    @Test
    void ends() {
      assertThat(STARTED).isNotNull();
    }
  }

  @Test
  void class_thatWaitsForItsProcess_failsWithWhatItPrintedAndItsThreads() {
    TestExecutionSummary summary =
        OneClass.run(Waiting.class, Map.of("grain.test.limit", "1", "grain.test.grace", "60"));

    assertThat(STARTED.get().isAlive()).isFalse();
    assertThat(summary.getContainersFailedCount()).isOne();
    assertThat(summary.getTestsSkippedCount()).isOne();
    assertThat(summary.getFailures())
        .last()
        .extracting(failure -> failure.getException().getMessage())
        .asString()
        .startsWith(Waiting.class.getName() + " did not end within 1 s: its processes were killed.")
        .contains("Process " + STARTED.get().pid() + ": ", "Its error output:\nprinted to nobody\n")
        .contains(Waiting.class.getName() + ".waits(");
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void class_thatEndsInTime_passes() {
    TestExecutionSummary summary =
        OneClass.run(Quick.class, Map.of("grain.test.limit", "600", "grain.test.grace", "60"));

    assertThat(summary.getTotalFailureCount()).isZero();
    assertThat(summary.getTestsSucceededCount()).isOne();
  }

  @Test
  void class_thatIgnoresTheInterrupt_endsTheJvm() throws Exception {
    Path output = folder.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                OneClass.class.getName(),
                Deaf.class.getName(),
                "grain.test.limit",
                "1",
                "grain.test.grace",
                "1"));
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).isEqualTo(3);
    assertThat(Files.readString(output))
        .contains(Deaf.class.getName() + " did not end within 1 s", Deaf.class.getName() + ".stays")
        .contains("does not end when interrupted either: this JVM is ended.");
  }
}
