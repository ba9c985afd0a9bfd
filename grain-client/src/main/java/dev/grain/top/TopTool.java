package dev.grain.top;

import dev.grain.cli.Tool;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import picocli.CommandLine;

/** {@code mtop}. */
public final class TopTool extends Tool {
  /** Makes the tool. */
  public TopTool() {
    super("mtop");
  }

  private static Object command(Path folder, Map<String, String> variables) {
    return new TopCommand(System.err, folder, variables, InstantSource.system());
  }

  @Override
  public CommandLine model() {
    return new CommandLine(command(Path.of(""), Map.of()));
  }

  @Override
  protected int run(String... arguments) {
    return Commands.run(TopTool::command, arguments);
  }
}
