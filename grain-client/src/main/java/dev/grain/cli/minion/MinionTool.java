package dev.grain.cli.minion;

import dev.grain.cli.Logs;
import dev.grain.cli.Tool;
import java.nio.file.Path;
import picocli.CommandLine;

/** {@code grain minion}. */
public final class MinionTool extends Tool {
  /** Makes the tool. */
  public MinionTool() {
    super("minion");
  }

  @Override
  public CommandLine model() {
    return MinionCommand.model("grain minion");
  }

  @Override
  protected int run(String... arguments) {
    return run("grain minion", arguments);
  }

  private static int run(String name, String... arguments) {
    Logs.configure();
    return MinionCommand.run(
        name,
        System.out,
        System.err,
        Path.of("").toAbsolutePath(),
        System.getenv(),
        true,
        arguments);
  }

  /** {@code minionize}. */
  public static final class Minionize extends Tool {
    /** Makes the tool. */
    public Minionize() {
      super("minionize");
    }

    @Override
    public CommandLine model() {
      return MinionCommand.model("minionize");
    }

    @Override
    protected int run(String... arguments) {
      return MinionTool.run("minionize", arguments);
    }
  }
}
