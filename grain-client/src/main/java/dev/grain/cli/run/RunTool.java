package dev.grain.cli.run;

import dev.grain.cli.Tool;
import picocli.CommandLine;

/** {@code grain run}. */
public final class RunTool extends Tool {
  /** Makes the tool. */
  public RunTool() {
    super("run");
  }

  @Override
  public CommandLine model() {
    return RunCommand.model();
  }

  @Override
  protected int run(String... arguments) {
    return RunCommand.run(arguments);
  }
}
