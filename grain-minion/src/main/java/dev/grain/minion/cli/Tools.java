package dev.grain.minion.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.spi.ToolProvider;

/**
 * The commands as the program {@code grain} finds them: by the name {@code grain-} and that of the
 * command. They have the streams of the process, as the programs that minions start do.
 */
public abstract sealed class Tools implements ToolProvider {
  private final String command;

  Tools(String command) {
    this.command = command;
  }

  @Override
  public String name() {
    return "grain-" + command;
  }

  @Override
  public int run(PrintWriter out, PrintWriter err, String... arguments) {
    return run(System.out, System.err, arguments);
  }

  @Override
  public int run(PrintStream out, PrintStream err, String... arguments) {
    return runIn(Path.of("").toAbsolutePath(), out, err, arguments);
  }

  abstract int runIn(Path folder, PrintStream out, PrintStream err, String... arguments);

  /** {@code grain minion}. */
  public static final class OfMinion extends Tools {
    /** Makes the tool. */
    public OfMinion() {
      super("minion");
    }

    @Override
    int runIn(Path folder, PrintStream out, PrintStream err, String... arguments) {
      return MinionCommand.run("grain minion", out, err, folder, System.getenv(), true, arguments);
    }
  }

  /** {@code minionize}. */
  public static final class OfMinionize extends Tools {
    /** Makes the tool. */
    public OfMinionize() {
      super("minionize");
    }

    @Override
    int runIn(Path folder, PrintStream out, PrintStream err, String... arguments) {
      return MinionCommand.run("minionize", out, err, folder, System.getenv(), true, arguments);
    }
  }

  /** {@code grain queue}. */
  public static final class OfQueue extends Tools {
    /** Makes the tool. */
    public OfQueue() {
      super("queue");
    }

    @Override
    int runIn(Path folder, PrintStream out, PrintStream err, String... arguments) {
      return QueueCommand.run(System.in, out, err, folder, System.getenv(), arguments);
    }
  }
}
