package dev.grain.service;

import dev.grain.cli.Logs;
import dev.grain.cli.Tool;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import picocli.CommandLine;

/** {@code grain head}. */
public final class HeadTool extends Tool {
  // kept, as the JDK forgets the levels of loggers that nobody has
  private static final List<Logger> LIBRARIES =
      Stream.of("com.zaxxer.hikari", "org.flywaydb", "org.jdbi", "org.eclipse.jetty")
          .map(Logger::getLogger)
          .toList();

  /** Whose errors are told in sentences, too. */
  private static final Logger JAVALIN = Logger.getLogger("io.javalin");

  /** Makes the tool. */
  public HeadTool() {
    super("head");
  }

  @Override
  public CommandLine model() {
    return HeadCommand.model();
  }

  @Override
  protected int run(String... arguments) {
    Logs.configure();
    // what they do at each start is of no interest
    LIBRARIES.forEach(each -> each.setLevel(Level.WARNING));
    JAVALIN.setLevel(Level.OFF);
    return HeadCommand.run(System.out, System.err, System.getenv(), arguments);
  }
}
