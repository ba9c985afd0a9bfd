package dev.grain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes on without end runs in a heap that holds a small part of it. */
final class BoundedMemoryTest {
  private static final int MEBIBYTES = 1024;
  private static final int JOBS = 200_000;

  @TempDir private Path folder;

  @Test
  void job_thatPrintsWithoutEnd_fillsNothing() throws Exception {
    assertThat(run("prints", MEBIBYTES)).isEqualTo("heard some: true, last line: the end\n");
  }

  @Test
  void stream_overEndlessInputs_runsInConstantMemory() throws Exception {
    assertThat(run("streams", JOBS)).isEqualTo(JOBS * 1024L + "\n");
  }

  @Test
  void group_thatDiscardsResults_runsInConstantMemory() throws Exception {
    assertThat(run("discards", JOBS)).isEqualTo("all have ended\n");
  }

  /** Returns what the program prints, in a heap of 32 MiB; the results alone take 200 MiB. */
  private String run(String mode, int count) throws IOException, InterruptedException {
    Path out = folder.resolve("out");
    Path error = folder.resolve("error");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx32m",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                BoundedMemoryProgram.class.getName(),
                mode,
                String.valueOf(count))
            .redirectOutput(out.toFile())
            .redirectError(error.toFile())
            .start();
    try {
      assertThat(process.waitFor(4, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(error)).isZero();
    return Files.readString(out, StandardCharsets.UTF_8);
  }
}
