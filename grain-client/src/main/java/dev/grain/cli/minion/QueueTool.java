package dev.grain.cli.minion;

import dev.grain.cli.Logs;
import dev.grain.cli.Tool;
import java.nio.file.Path;
import picocli.CommandLine;

/** {@code grain queue}. */
public final class QueueTool extends Tool {
  /** Makes the tool. */
  public QueueTool() {
    super("queue");
  }

  @Override
  public CommandLine model() {
    return QueueCommand.model();
  }

  @Override
  protected int run(String... arguments) {
    Logs.configure();
    return QueueCommand.run(
        System.in,
        System.out,
        System.err,
        Path.of("").toAbsolutePath(),
        System.getenv(),
        arguments);
  }
}
