package dev.grain.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What commands log on their error stream. */
final class LogsTest {
  @TempDir private Path folder;

  /** A program that is set up as the commands are, and logs. */
  static final class Logging {
    private Logging() {}

    /** Logs a message by the logger that the argument names, and one by a logger of Grain. */
    public static void main(String[] arguments) {
      Logs.configure();
      // has the JDK forget the loggers that nobody keeps
      System.gc();
      Logger.getLogger(arguments[0]).log(Level.SEVERE, "of a client");
      Logger.getLogger("dev.grain.minion")
          .log(Level.WARNING, "of Grain", new IllegalStateException("why"));
    }
  }

  private List<String> logged(String logger, String... flags) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of(flags));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), Logging.class.getName(), logger));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // the JVM would print that it reads this
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    Process process = builder.start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(printed).isZero();
    return printed.lines().toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "org.apache.kafka.clients.NetworkClient",
        "org.apache.pulsar.client.impl.ConnectionPool",
        "com.rabbitmq.client.impl.ForgivingExceptionHandler",
        "redis.clients.jedis.JedisPooled",
        "com.google.cloud.pubsub.v1.Subscriber",
        "io.grpc.internal.ManagedChannelImpl"
      })
  void messages_ofTheClientsOfBrokers_areNotPrinted(String logger) throws Exception {
    assertThat(logged(logger))
        .startsWith("WARNING: of Grain", "java.lang.IllegalStateException: why")
        .noneMatch(line -> line.contains("of a client"));
  }

  @Test
  void messages_ofOthers_areALineEach() throws Exception {
    assertThat(logged("com.acme.Work")).startsWith("SEVERE: of a client", "WARNING: of Grain");
  }

  @Test
  void format_ofTheUser_isKept() throws Exception {
    assertThat(
            logged("org.apache.kafka", "-Djava.util.logging.SimpleFormatter.format=<%4$s %5$s>%n"))
        .containsExactly("<WARNING of Grain>");
  }

  @Test
  void configuration_ofTheUser_isKept() throws Exception {
    Path file = folder.resolve("logging.properties");
    Files.writeString(
        file,
        """
        handlers=java.util.logging.ConsoleHandler
        java.util.logging.SimpleFormatter.format=%5$s%n
        dev.grain.level=OFF
        """);
    assertThat(logged("org.apache.kafka", "-Djava.util.logging.config.file=" + file))
        .containsExactly("of a client");
  }
}
