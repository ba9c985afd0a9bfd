package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.GrainExecutor;
import dev.grain.Job;
import dev.grain.RunOptions;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whose output it is what is logged in the process of a worker. */
final class WorkerLogTest {
  private static final Logger LOGGER = Logger.getLogger("sensors");
  private static final Logger EXITS = Logger.getLogger("java.lang.Runtime");

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final WorkerLog log = new WorkerLog(new PrintStream(bytes, true, StandardCharsets.UTF_8));

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
}
