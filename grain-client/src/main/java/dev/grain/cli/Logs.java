package dev.grain.cli;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/**
 * What is logged while a command works on a queue, on standard error: a line for each message, and
 * nothing of the clients of brokers, whose failures the command tells itself. Who configures the
 * JDK's logging by its properties, has that.
 */
public final class Logs {
  private static final String FORMAT = "java.util.logging.SimpleFormatter.format";

  // kept, as the JDK forgets the levels of loggers that nobody has
  private static final List<Logger> CLIENTS =
      Stream.of(
              "com.google",
              "com.rabbitmq",
              "io.grpc",
              "org.apache.kafka",
              "org.apache.pulsar",
              "redis")
          .map(Logger::getLogger)
          .toList();

  private Logs() {}

  /** Sets this up; to be called before anything is logged. */
  public static void configure() {
    if (System.getProperty("java.util.logging.config.file") != null
        || System.getProperty("java.util.logging.config.class") != null) {
      return;
    }
    if (System.getProperty(FORMAT) == null) {
      System.setProperty(FORMAT, "%4$s: %5$s%6$s%n");
    }
    CLIENTS.forEach(each -> each.setLevel(Level.OFF));
  }
}
