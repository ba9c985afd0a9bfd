package dev.grain.cli.manual;

import dev.grain.cli.CommandLines;
import dev.grain.cli.Tool;
import picocli.CommandLine;

/** The commands of this package, as the program {@code grain} finds them. */
public final class ManualTools {
  private ManualTools() {}

  /** {@code grain completion}. */
  public static final class CompletionTool extends Tool {
    /** Makes the tool. */
    public CompletionTool() {
      super("completion");
    }

    @Override
    public CommandLine model() {
      return new CommandLine(new CompletionCommand());
    }

    @Override
    protected int run(String... arguments) {
      return CommandLines.of(new CompletionCommand(), System.out, System.err).execute(arguments);
    }
  }

  /** {@code grain man}. */
  public static final class ManTool extends Tool {
    /** Makes the tool. */
    public ManTool() {
      super("man");
    }

    @Override
    public CommandLine model() {
      return new CommandLine(new ManCommand());
    }

    @Override
    protected int run(String... arguments) {
      return CommandLines.of(new ManCommand(), System.out, System.err).execute(arguments);
    }
  }
}
