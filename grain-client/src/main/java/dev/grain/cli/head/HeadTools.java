package dev.grain.cli.head;

import dev.grain.cli.CommandLines;
import dev.grain.cli.Logs;
import dev.grain.cli.Tool;
import java.util.function.Function;
import picocli.CommandLine;

/** The commands of this package, as the program {@code grain} finds them. */
public final class HeadTools {
  private HeadTools() {}

  /** Runs a command, and returns its exit code. */
  static int run(Function<Surroundings, Object> command, Surroundings around, String... arguments) {
    return CommandLines.of(command.apply(around), around.out(), around.err()).execute(arguments);
  }

  /** One of them. */
  abstract static sealed class One extends Tool {
    private final Function<Surroundings, Object> command;

    One(String name, Function<Surroundings, Object> command) {
      super(name);
      this.command = command;
    }

    @Override
    public final CommandLine model() {
      return new CommandLine(command.apply(Surroundings.ofProcess()));
    }

    @Override
    protected int run(String... arguments) {
      Logs.configure();
      return HeadTools.run(command, Surroundings.ofProcess(), arguments);
    }
  }

  /** {@code grain list}. */
  public static final class ListTool extends One {
    /** Makes the tool. */
    public ListTool() {
      super("list", ListCommand::new);
    }
  }

  /** {@code grain info}. */
  public static final class InfoTool extends One {
    /** Makes the tool. */
    public InfoTool() {
      super("info", InfoCommand::new);
    }
  }

  /** {@code grain cancel}. */
  public static final class CancelTool extends One {
    /** Makes the tool. */
    public CancelTool() {
      super("cancel", ChangeCommands.Cancel::new);
    }
  }

  /** {@code grain pause}. */
  public static final class PauseTool extends One {
    /** Makes the tool. */
    public PauseTool() {
      super("pause", ChangeCommands.Pause::new);
    }
  }

  /** {@code grain resume}. */
  public static final class ResumeTool extends One {
    /** Makes the tool. */
    public ResumeTool() {
      super("resume", ChangeCommands.Resume::new);
    }
  }

  /** {@code grain priority}. */
  public static final class PriorityTool extends One {
    /** Makes the tool. */
    public PriorityTool() {
      super("priority", ChangeCommands.Priority::new);
    }
  }

  /** {@code grain explain}. */
  public static final class ExplainTool extends One {
    /** Makes the tool. */
    public ExplainTool() {
      super("explain", ExplainCommand::new);
    }
  }

  /** {@code grain users}. */
  public static final class UsersTool extends One {
    /** Makes the tool. */
    public UsersTool() {
      super("users", UsersCommand::new);
    }
  }

  /** {@code grain tokens}. */
  public static final class TokensTool extends One {
    /** Makes the tool. */
    public TokensTool() {
      super("tokens", TokensCommand::new);
    }
  }

  /** {@code grain login}. */
  public static final class LoginTool extends One {
    /** Makes the tool. */
    public LoginTool() {
      super("login", LoginCommand::new);
    }
  }

  /** {@code grain logout}. */
  public static final class LogoutTool extends One {
    /** Makes the tool. */
    public LogoutTool() {
      super("logout", LogoutCommand::new);
    }
  }

  /** {@code grain logs}. */
  public static final class LogsTool extends One {
    /** Makes the tool. */
    public LogsTool() {
      super("logs", LogsCommand::new);
    }
  }

  /** {@code grain output}. */
  public static final class OutputTool extends One {
    /** Makes the tool. */
    public OutputTool() {
      super("output", OutputCommand::new);
    }
  }

  /** {@code grain rerun}. */
  public static final class RerunTool extends One {
    /** Makes the tool. */
    public RerunTool() {
      super("rerun", RerunCommand::new);
    }
  }

  /** {@code grain nodes}. */
  public static final class NodesTool extends One {
    /** Makes the tool. */
    public NodesTool() {
      super("nodes", NodesCommand::new);
    }
  }
}
