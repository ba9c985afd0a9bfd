package dev.grain.worker;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/**
 * How a worker logs: by the JDK's logging, which SLF4J has as its provider here. What a job logs by
 * the JDK is in the output of the job.
 *
 * <p>Why this provider: jobs run in the same process, and what they log by the JDK has to be
 * distinguished from what the worker logs, so the JDK's logging is in use anyway; another provider
 * would add a tenth of a second to each start.
 */
final class Logging {
  /** The loggers that the level of a worker is for; those of jobs and libraries keep theirs. */
  private static final List<Logger> WORKERS_OWN = List.of(Logger.getLogger("dev.grain"));

  private Logging() {}

  /**
   * Sets it up, unless the user has named another configuration by the JDK's properties.
   *
   * @throws IOException if the file cannot be written
   */
  static void configure(LogOptions options) throws IOException {
    if (System.getProperty("java.util.logging.config.file") != null
        || System.getProperty("java.util.logging.config.class") != null) {
      return;
    }
    // made now, while System.err is that of the process: jobs get another
    PrintStream log = options.file() == null ? System.err : append(options);
    try (InputStream file = Logging.class.getResourceAsStream("logging.properties")) {
      LogManager.getLogManager().readConfiguration(Objects.requireNonNull(file));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the logging configuration", e);
    }
    WORKERS_OWN.forEach(logger -> logger.setLevel(options.level().level()));
    Logger.getLogger("").addHandler(new WorkerLog(log, options.withStacks()));
  }

  private static PrintStream append(LogOptions options) throws IOException {
    FileOutputStream file =
        new FileOutputStream(Objects.requireNonNull(options.file()).toFile(), true);
    return new PrintStream(file, true, StandardCharsets.UTF_8);
  }
}
