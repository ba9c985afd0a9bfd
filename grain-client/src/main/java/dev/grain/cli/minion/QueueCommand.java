package dev.grain.cli.minion;

import dev.grain.cli.CommandLines;
import dev.grain.cli.HelpFlag;
import dev.grain.cli.Mistake;
import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueProvider;
import dev.grain.minion.QueueSettings;
import dev.grain.minion.QueueStats;
import dev.grain.minion.Queues;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SequencedMap;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** The commands around queues: {@code grain queue create} and so on. */
@Command(
    name = "grain queue",
    sortOptions = false,
    description = {
      "Creates, fills, inspects and removes the queues that minions work from.",
      "",
      "  grain queue create sweeps --range 0..9",
      "  grain queue create sweeps --sweep lr=0.01,0.02 --sweep epochs=5..20",
      "  grain queue fill sweeps --lines more.txt",
      "  grain queue stat sweeps",
      "",
      "A name without a colon stands for a folder: sweeps for file:sweeps."
    },
    scope = ScopeType.INHERIT,
    parameterListHeading = "%n",
    optionListHeading = "%nOptions:%n",
    commandListHeading = "%nCommands:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:the queue cannot be used", "2:the command line is wrong"})
final class QueueCommand implements Runnable {
  private static final JsonMapper JSON = new JsonMapper();

  private final InputStream in;
  private final Path folder;
  private final Map<String, String> variables;

  @Spec private CommandSpec spec;

  @Mixin
  @SuppressWarnings("UnusedVariable") // picocli does what it stands for
  private final HelpFlag help = new HelpFlag();

  @SuppressWarnings("NullAway.Init") // picocli sets the others
  private QueueCommand(InputStream in, Path folder, Map<String, String> variables) {
    this.in = in;
    this.folder = folder;
    this.variables = variables;
  }

  /**
   * Runs the command.
   *
   * @param folder where files are
   * @return the exit code
   */
  static int run(
      InputStream in,
      PrintStream out,
      PrintStream err,
      Path folder,
      Map<String, String> variables,
      String... arguments) {
    return CommandLines.of(new QueueCommand(in, folder, variables), out, err).execute(arguments);
  }

  /** Returns the command as picocli describes it. */
  static CommandLine model() {
    return new CommandLine(new QueueCommand(System.in, Path.of(""), Map.of()));
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "the command is missing; " + CommandLines.commands(spec.commandLine()));
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** A queue that the command line names. */
  private record Named(QueueProvider provider, QueueAddress address, QueueSettings settings) {
    /** Adds items, and returns how many. */
    long fill(Items items) throws QueueException {
      Counting counting = new Counting(items.open());
      try {
        return provider.fill(address, settings, counting);
      } catch (Mistake e) {
        throw counting.taken == 0 ? e : new Mistake(e.getMessage() + counting.words());
      } catch (UncheckedIOException e) {
        throw new IllegalStateException(e.getMessage() + counting.words(), e);
      }
    }
  }

  private Named named(QueueParameter named) throws QueueException {
    MinionVariables environment = MinionVariables.in(folder, variables);
    QueueAddress address = QueueAddress.parse(Addresses.in(folder, named.address));
    QueueProvider provider = Queues.of(address);
    return new Named(provider, address, new QueueSettings(Duration.ZERO, environment.all()));
  }

  private static String counted(long number, String what) {
    return number == 1 ? "1 " + what : number + " " + what + "s";
  }

  // ---------------------------------------------------------------- filling

  /** Counts the items that are taken; for one thread. */
  private static final class Counting implements Iterator<byte[]> {
    private final Iterator<byte[]> items;
    private long taken;

    Counting(Iterator<byte[]> items) {
      this.items = items;
    }

    @Override
    public boolean hasNext() {
      return items.hasNext();
    }

    @Override
    public byte[] next() {
      byte[] item = items.next();
      taken++;
      return item;
    }

    /** Returns a sentence on those that came before an error. */
    private String words() {
      return taken == 0
          ? ""
          : " The queue may have the %s before it already; 'grain queue stat' tells."
              .formatted(counted(taken, "item"));
    }
  }

  @Command(name = "create", description = "Creates a queue, with the items that are named, if any.")
  int create(@Mixin QueueParameter queue, @Mixin ItemFlags flags) throws QueueException {
    Named named = named(queue);
    Items items = flags.isGiven() ? flags.items(folder, in) : null;
    named.provider().create(named.address(), named.settings());
    long added = items == null ? 0 : named.fill(items);
    out().println("Created %s with %s.".formatted(named.address(), counted(added, "item")));
    return 0;
  }

  @Command(
      name = "fill",
      description = "Adds items to a queue; by default, the lines of standard input.")
  int fill(@Mixin QueueParameter queue, @Mixin ItemFlags flags) throws QueueException {
    Named named = named(queue);
    if (!flags.isGiven()) {
      flags.lines = "-";
    }
    Items items = flags.items(folder, in);
    long added = named.fill(items);
    out().println("Added %s to %s.".formatted(counted(added, "item"), named.address()));
    return 0;
  }

  // ---------------------------------------------------------------- looking

  @Command(name = "stat", description = "Prints how many items there are.")
  int stat(
      @Mixin QueueParameter queue,
      @Option(names = "--json", description = "Print a JSON object.") boolean json)
      throws QueueException {
    Named named = named(queue);
    QueueStats stats = named.provider().stat(named.address(), named.settings());
    SequencedMap<String, OptionalLong> numbers = new LinkedHashMap<>();
    numbers.put("ready", stats.ready());
    numbers.put("in flight", stats.inFlight());
    numbers.put("done", stats.done());
    numbers.put("dead", stats.dead());
    numbers.put("minions", stats.minions());
    if (json) {
      SequencedMap<String, Object> fields = new LinkedHashMap<>();
      numbers.forEach(
          (name, number) -> number.ifPresent(value -> fields.put(name.replace(' ', '_'), value)));
      out().println(JSON.writeValueAsString(fields));
    } else {
      numbers.forEach((name, number) ->
          out()
              .println(
                  name
                      + " ".repeat(12 - name.length())
                      + (number.isPresent() ? number.getAsLong() : "unknown")));
    }
    return 0;
  }

  @Command(name = "dead", description = "Prints the dead letters, with the reason of each.")
  int dead(
      @Mixin QueueParameter queue,
      @Option(names = "--json", description = "Print a JSON object for each.") boolean json)
      throws QueueException {
    Named named = named(queue);
    named
        .provider()
        .dead(
            named.address(),
            named.settings(),
            letter -> {
              String value = new String(letter.value(), StandardCharsets.UTF_8);
              if (json) {
                SequencedMap<String, Object> fields = new LinkedHashMap<>();
                fields.put("id", letter.id());
                fields.put("value", value);
                fields.put("deliveries", letter.count());
                fields.put("reason", letter.reason());
                out().println(JSON.writeValueAsString(fields));
              } else {
                out()
                    .println(
                        "%s (%s): %s"
                            .formatted(
                                value,
                                letter.count() == 1 ? "1 delivery" : letter.count() + " deliveries",
                                letter.reason().strip()));
              }
            });
    return 0;
  }

  // ---------------------------------------------------------------- changing

  @Command(name = "requeue", description = "Puts the dead letters back into the queue.")
  int requeue(@Mixin QueueParameter queue) throws QueueException {
    Named named = named(queue);
    long count = named.provider().requeue(named.address(), named.settings());
    out().println("Requeued %s.".formatted(counted(count, "item")));
    return 0;
  }

  @Command(name = "purge", description = "Removes a queue, with all its items and dead letters.")
  int purge(
      @Mixin QueueParameter queue,
      @Option(names = "--force", description = "Even if there are items that are not done.")
          boolean force)
      throws QueueException {
    Named named = named(queue);
    QueueStats stats = named.provider().stat(named.address(), named.settings());
    long open = stats.ready().orElse(0) + stats.inFlight().orElse(0) + stats.dead().orElse(0);
    if (open > 0 && !force) {
      throw new Mistake(
          "%s has %s that %s not done. Remove it all the same with --force."
              .formatted(named.address(), counted(open, "item"), open == 1 ? "is" : "are"));
    }
    named.provider().purge(named.address(), named.settings());
    out().println("Removed %s.".formatted(named.address()));
    return 0;
  }
}
