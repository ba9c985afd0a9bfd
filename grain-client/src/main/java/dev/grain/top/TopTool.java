package dev.grain.top;

import dev.grain.cli.Tool;
import java.time.InstantSource;

/** {@code mtop}. */
public final class TopTool extends Tool {
  /** Makes the tool. */
  public TopTool() {
    super("mtop");
  }

  @Override
  protected int run(String... arguments) {
    return Commands.run(
        (folder, variables) ->
            new TopCommand(System.err, folder, variables, InstantSource.system()),
        arguments);
  }
}
