package dev.grain.worker;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/**
 * How a worker logs: by the JDK, one line for each message, on standard error. What a job logs by
 * the JDK is in the output of the job.
 */
final class Logging {
  private Logging() {}

  /** Reads the configuration, unless the user has named another one by the JDK's properties. */
  static void configure() {
    if (System.getProperty("java.util.logging.config.file") != null
        || System.getProperty("java.util.logging.config.class") != null) {
      return;
    }
    try (InputStream file = Logging.class.getResourceAsStream("logging.properties")) {
      LogManager.getLogManager().readConfiguration(Objects.requireNonNull(file));
      // made now, while System.err is that of the process: jobs get another
      Logger.getLogger("").addHandler(new WorkerLog(System.err));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the logging configuration", e);
    }
  }
}
