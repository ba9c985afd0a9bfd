package dev.grain.top;

import dev.grain.cli.Tool;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import picocli.CommandLine;

/** {@code minion-status}. */
public final class StatusTool extends Tool {
  /** Makes the tool. */
  public StatusTool() {
    super("minion-status");
  }

  private static Object command(Path folder, Map<String, String> variables) {
    return new StatusCommand(System.out, System.err, folder, variables, InstantSource.system());
  }

  @Override
  public CommandLine model() {
    return new CommandLine(command(Path.of(""), Map.of()));
  }

  @Override
  protected int run(String... arguments) {
    return Commands.run(StatusTool::command, arguments);
  }
}
