package dev.grain.cli.head;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.function.Function;

/** What somebody types, and what is printed. For one thread. */
public final class Typed {
  private static final Map<String, Function<Surroundings, Object>> COMMANDS =
      Map.ofEntries(
          Map.entry("list", ListCommand::new),
          Map.entry("info", InfoCommand::new),
          Map.entry("cancel", ChangeCommands.Cancel::new),
          Map.entry("pause", ChangeCommands.Pause::new),
          Map.entry("resume", ChangeCommands.Resume::new),
          Map.entry("priority", ChangeCommands.Priority::new),
          Map.entry("explain", ExplainCommand::new),
          Map.entry("users", UsersCommand::new),
          Map.entry("tokens", TokensCommand::new),
          Map.entry("login", LoginCommand::new),
          Map.entry("logout", LogoutCommand::new),
          Map.entry("logs", LogsCommand::new),
          Map.entry("output", OutputCommand::new),
          Map.entry("rerun", RerunCommand::new),
          Map.entry("nodes", NodesCommand::new));

  private final Map<String, String> variables = new HashMap<>();
  private final Queue<String> answers = new ArrayDeque<>();
  private Optional<Runnable> betweenRounds = Optional.empty();
  private OptionalInt columns = OptionalInt.empty();
  private String input = "";

  /** What a command has printed. */
  public record Printed(int code, String out, String err) {
    /** Returns the lines of standard output. */
    public List<String> lines() {
      return out.lines().toList();
    }
  }

  /** Makes somebody without any variables. */
  public Typed() {}

  /** Sets a variable. */
  public Typed set(String name, String value) {
    variables.put(name, value);
    return this;
  }

  /** Unsets a variable. */
  public Typed unset(String name) {
    variables.remove(name);
    return this;
  }

  /** Returns the variables. */
  public Map<String, String> variables() {
    return variables;
  }

  /** Sets what standard input has. */
  public void pipe(String text) {
    input = text;
  }

  /** Sets what is answered on the terminal. */
  public void answer(String... lines) {
    answers.addAll(List.of(lines));
  }

  /** Sets how wide the terminal is. */
  public void widen(int width) {
    columns = OptionalInt.of(width);
  }

  /** Sets what happens between the first round of a command that repeats itself and the last. */
  public void betweenRounds(Runnable action) {
    betweenRounds = Optional.of(action);
  }

  private boolean nextRound() {
    Optional<Runnable> action = betweenRounds;
    betweenRounds = Optional.empty();
    action.ifPresent(Runnable::run);
    return action.isPresent();
  }

  private final class Answers implements Surroundings.Asking {
    private final boolean possible = !answers.isEmpty();

    @Override
    public boolean isPossible() {
      return possible;
    }

    @Override
    public String line(String question) {
      return answers.remove();
    }

    @Override
    public String secret(String question) {
      return answers.remove();
    }
  }

  /** Runs a command line, of which words are between blanks. */
  public Printed run(String line) {
    return run(line.split(" "));
  }

  /** Runs a command line. */
  public Printed run(String... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Surroundings around =
        new Surroundings(
            new ByteArrayInputStream(input.getBytes(UTF_8)),
            new PrintStream(out, true, UTF_8),
            new PrintStream(err, true, UTF_8),
            Map.copyOf(variables),
            InstantSource.fixed(Instant.now()),
            ZoneOffset.UTC,
            () -> columns,
            this::nextRound,
            new Answers());
    String[] arguments = List.of(words).subList(1, words.length).toArray(String[]::new);
    int code = HeadTools.run(Objects.requireNonNull(COMMANDS.get(words[0])), around, arguments);
    return new Printed(code, out.toString(UTF_8), err.toString(UTF_8));
  }
}
