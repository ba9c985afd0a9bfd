package dev.grain.top;

import dev.grain.cli.Tool;
import java.time.InstantSource;

/** {@code minion-status}. */
public final class StatusTool extends Tool {
  /** Makes the tool. */
  public StatusTool() {
    super("minion-status");
  }

  @Override
  protected int run(String... arguments) {
    return Commands.run(
        (folder, variables) ->
            new StatusCommand(System.out, System.err, folder, variables, InstantSource.system()),
        arguments);
  }
}
