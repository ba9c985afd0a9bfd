package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.GrainExecutor;
import dev.grain.Job;
import dev.grain.RunOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose output it is what is logged in the process of a worker. */
final class WorkerLogTest {
  private static final Logger LOGGER = Logger.getLogger("sensors");
  private static final Logger EXITS = Logger.getLogger("java.lang.Runtime");

  @TempDir private Path folder;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final WorkerLog log =
      new WorkerLog(new PrintStream(bytes, true, StandardCharsets.UTF_8), false);

  @BeforeEach
  void add() {
    LOGGER.setUseParentHandlers(false);
    EXITS.setUseParentHandlers(false);
    LOGGER.addHandler(log);
    EXITS.addHandler(log);
  }

  @AfterEach
  void remove() {
    LOGGER.removeHandler(log);
    EXITS.removeHandler(log);
    LOGGER.setUseParentHandlers(true);
    EXITS.setUseParentHandlers(true);
  }

  private String ofProcess() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void recordOfAJob_isInItsOutput_andAllElseOnTheStreamOfTheProcess() {
    try (GrainExecutor executor =
        GrainExecutor.open(RunOptions.defaults().progress(false).echo(false))) {
      LOGGER.warning("before");
      Job<?> job =
          executor.submit(
              cpu(1),
              () -> {
                LOGGER.warning("sensor 3 is hot");
                System.getLogger("sensors").log(System.Logger.Level.WARNING, "sensor 4 is hot");
                EXITS.warning("a call of exit");
              });
      job.result();

      assertThat(job.output())
          .contains("sensor 3 is hot", "sensor 4 is hot")
          .doesNotContain("exit");
      assertThat(ofProcess()).contains("before", "a call of exit").doesNotContain("hot");
    }
  }

  @Test
  void event_ofTheWorker_isOneLine_whateverItsMessage() {
    LOGGER.log(
        Level.WARNING, "cannot read\n  the file\r\n", new IOException("gone", new Error("why")));
    assertThat(ofProcess())
        .matches(
            "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d WARN cannot read the file:"
                + " java.io.IOException: gone; caused by java.lang.Error: why\\R");
  }

  @Test
  void event_thatIsAnError_hasItsStack() {
    LOGGER.log(Level.SEVERE, "no way on", new IOException("gone"));
    assertThat(ofProcess())
        .contains(" ERROR no way on" + System.lineSeparator() + "java.io.IOException: gone")
        .contains("\tat " + WorkerLogTest.class.getName());
  }

  @Test
  void level_isThatOfTheWorker_notOfJobs() throws IOException {
    Path file = folder.resolve("worker.log");
    Files.writeString(file, "of yesterday\n");
    Logger root = Logger.getLogger("");
    Handler[] before = root.getHandlers();
    try {
      Logging.configure(new LogOptions(LogOptions.Threshold.WARN, file));
      Logger.getLogger("dev.grain.worker").info("a run has joined");
      Logger.getLogger("dev.grain.worker").warning("a run is lost");
      Logger.getLogger("org.example").info("of a library");
    } finally {
      LogManager.getLogManager().readConfiguration();
      for (Handler each : root.getHandlers()) {
        root.removeHandler(each);
      }
      for (Handler each : before) {
        root.addHandler(each);
      }
    }
    assertThat(Files.readString(file))
        .startsWith("of yesterday\n")
        .contains("WARN a run is lost", "INFO of a library")
        .doesNotContain("joined");
  }
}
