package dev.grain.cli.minion;

import static dev.grain.resource.Resources.cpu;

import dev.grain.Enforce;
import dev.grain.RunOptions;
import dev.grain.cli.Arguments;
import dev.grain.cli.CommandLines;
import dev.grain.cli.Mistake;
import dev.grain.minion.MethodCall;
import dev.grain.minion.Minion;
import dev.grain.minion.MinionResult;
import dev.grain.minion.Parameter.Decoder;
import dev.grain.minion.QueueSettings;
import dev.grain.minion.RunningMinion;
import dev.grain.minion.report.JsonReporter;
import dev.grain.minion.report.Reporter;
import dev.grain.minion.report.StdoutReporter;
import dev.grain.posix.EndSignals;
import dev.grain.text.Durations;
import dev.grain.text.Exceptions;
import java.io.IOException;
import java.io.PrintStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The commands {@code grain minion} and {@code minionize}. */
@Command(
    sortOptions = false,
    description = {
      "Takes items from a queue, and runs a command on each as a job of this machine, until the queue is"
          + " empty. Any number of minions share a queue; what one does not acknowledge, because it"
          + " is killed, for example, another one gets.",
      "",
      "  grain queue create sweeps --range 0..9          a queue with the items 0 to 9",
      "  grain minion --queue file:sweeps -- echo hello  hello 0 ... hello 9",
      "  grain minion -q file:sweeps --decoder json -- ./train --lr {lr} --epochs {epochs}",
      "  MINION_ENGINE=execo minionize echo hello        the same with the folder sweeps",
      "",
      "{} stands for the item, and {key} for a part of an item that is a JSON object. Without a"
          + " placeholder, the item is the last argument. The keys of .minion.yml, such as queue,"
          + " command and maxDeliveries, apply beneath the variables of .env, the environment, and the"
          + " command line."
    },
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the queue is empty, or the minion was stopped and has given back what it had",
      "1:the queue cannot be used, or jobs cannot be started",
      "2:the command line or the configuration is wrong",
      "143:stopped by SIGTERM while items ran for longer than --grace; 130 by Ctrl-C, 129 by SIGHUP"
    })
final class MinionCommand implements Callable<Integer> {
  /** Options that exclude each other, so that one takes the place of the other. */
  private static final List<String> IMAGES = List.of("--image", "--local-image");

  private final PrintStream out;
  private final PrintStream err;
  private final Path folder;
  private final Map<String, String> variables;
  private final boolean takesSignals;

  @Spec private CommandSpec spec;

  @Mixin private final MinionFlags flags = new MinionFlags();

  @SuppressWarnings("NullAway.Init") // picocli sets the others
  private MinionCommand(
      PrintStream out,
      PrintStream err,
      Path folder,
      Map<String, String> variables,
      boolean takesSignals) {
    this.out = out;
    this.err = err;
    this.folder = folder;
    this.variables = variables;
    this.takesSignals = takesSignals;
  }

  /**
   * Runs the command.
   *
   * @param name what people call it
   * @param folder where files of settings are
   * @param takesSignals whether the process is the command's own
   * @return the exit code
   */
  static int run(
      String name,
      PrintStream out,
      PrintStream err,
      Path folder,
      Map<String, String> variables,
      boolean takesSignals,
      String... arguments) {
    MinionCommand command = new MinionCommand(out, err, folder, variables, takesSignals);
    CommandLine line = named(name, CommandLines.of(command, out, err));
    return line.execute(Arguments.of(Arrays.asList(arguments), line.getCommandSpec()).words());
  }

  /** Returns the command as picocli describes it. */
  static CommandLine model(String name) {
    Path folder = Path.of("");
    return named(
        name, new CommandLine(new MinionCommand(System.out, System.err, folder, Map.of(), false)));
  }

  private static CommandLine named(String name, CommandLine line) {
    line.getCommandSpec().name(name);
    line.getCommandSpec()
        .usageMessage()
        .customSynopsis(name + " [OPTION...] [--] COMMAND [ARGUMENT...]");
    return line;
  }

  @Override
  public Integer call() throws Exception {
    MinionVariables environment = MinionVariables.in(folder, variables);
    addFrom(MinionFile.in(folder), environment);
    flags.place.ensureConsistent();
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    try (URLClassLoader classes = classes()) {
      Thread.currentThread().setContextClassLoader(classes);
      return run(minion(environment, classes));
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }

  private URLClassLoader classes() throws MalformedURLException {
    List<URL> urls = new ArrayList<>();
    for (Path path : flags.classPath) {
      urls.add(folder.resolve(path).toUri().toURL());
    }
    return new URLClassLoader(urls.toArray(URL[]::new), MinionCommand.class.getClassLoader());
  }

  // ---------------------------------------------------------------- settings

  /** Sets the flags again, with those of the file that nothing else sets. */
  private void addFrom(MinionFile file, MinionVariables environment) {
    CommandLine line = spec.commandLine();
    ParseResult given = line.getParseResult();
    boolean hasWork = !flags.command.isEmpty() || flags.className != null;
    try {
      line.parseArgs(file.options(Set.of(), false).toArray(String[]::new));
    } catch (ParameterException e) {
      throw new Mistake("%s: %s".formatted(file.path(), e.getMessage()));
    }
    Set<String> taken = environment.flags();
    given.matchedOptions().forEach(option -> taken.addAll(Arrays.asList(option.names())));
    if (!Collections.disjoint(taken, IMAGES)) {
      taken.addAll(IMAGES);
    }
    List<String> words = new ArrayList<>(file.options(taken, hasWork));
    words.addAll(given.originalArgs());
    Arguments all = new Arguments(words, hasWork ? List.of() : file.command());
    line.parseArgs(all.words());
  }

  private Minion minion(MinionVariables environment, ClassLoader classes) {
    Minion minion = work(environment, classes);
    String queue = first(flags.queue, environment.queue(), "sweeps");
    minion =
        minion
            .queue(Addresses.in(folder, String.valueOf(queue)))
            .print(out, err)
            .runOptions(runOptions())
            .reporter(reporter(environment));
    minion = minion.queueSettings(new QueueSettings(lease(), environment.all()));
    minion = with(minion, decoder(environment), Minion::decoder);
    minion = with(minion, flags.parallel, Minion::parallel);
    minion = with(minion, flags.resources.timeLimit(), Minion::timeout);
    minion = with(minion, flags.onFailure, Minion::onFailure);
    minion = with(minion, flags.maxDeliveries, Minion::maxDeliveries);
    minion = with(minion, flags.retryDelay, Minion::retryDelay);
    minion = with(minion, flags.grace, Minion::grace);
    if (flags.resources.isGiven()) {
      minion = minion.request(flags.resources.request(cpu(1)));
    }
    if (flags.follow) {
      minion = minion.follow();
    }
    return flags.dryRun || environment.isDry() ? minion.dryRun() : minion;
  }

  /** Returns the lease; zero for that of the queue. */
  private Duration lease() {
    if (flags.lease != null && flags.lease.isZero()) {
      throw new Mistake("--lease is 0. Give it a time such as 30s, or remove it.");
    }
    return flags.lease == null ? Duration.ZERO : flags.lease;
  }

  /** What is set. */
  @FunctionalInterface
  private interface Setter<T> {
    Minion set(Minion minion, T value);
  }

  private static <T> Minion with(Minion minion, @Nullable T value, Setter<T> setter) {
    return value == null ? minion : setter.set(minion, value);
  }

  private static @Nullable String first(@Nullable String... texts) {
    for (String text : texts) {
      if (text != null) {
        return text;
      }
    }
    return null;
  }

  private Minion work(MinionVariables environment, ClassLoader classes) {
    String className = flags.className;
    if (className == null) {
      return command(environment);
    }
    if (!flags.command.isEmpty()) {
      throw new Mistake("A command and --class exclude each other. Remove one of them.");
    }
    Minion minion = Minion.function(MethodCall.find(className, classes));
    return flags.place.bringsPrograms() ? placed(minion) : minion;
  }

  private Minion command(MinionVariables environment) {
    if (flags.command.isEmpty()) {
      throw new Mistake(
          "The command is missing. Add it, as in: %s echo hello".formatted(spec.name()));
    }
    SequencedMap<String, String> own = new LinkedHashMap<>(environment.ofFile());
    own.putAll(flags.place.variables());
    Minion minion = Minion.command(flags.command).variables(own);
    minion = with(minion, flags.shell, Minion::shell);
    minion = with(minion, flags.place.workingDir(folder, false), Minion::workingDir);
    if (flags.place.bringsPrograms()) {
      minion = placed(minion);
    }
    return flags.inputFile ? minion.inputFile() : minion;
  }

  private Minion placed(Minion minion) {
    return minion.options(job -> flags.place.addTo(job, folder, false));
  }

  private RunOptions runOptions() {
    RunOptions options = flags.place.addTo(RunOptions.defaults());
    Enforce enforce = flags.resources.enforce();
    return enforce == null ? options : options.enforce(enforce);
  }

  private @Nullable Decoder decoder(MinionVariables environment) {
    return flags.decoder == null
        ? environment.decoder()
        : MinionVariables.decoder("--decoder ", flags.decoder);
  }

  private Reporter reporter(MinionVariables environment) {
    ReporterSetting setting = ReporterSetting.of(flags, environment);
    return switch (setting.kind()) {
      case NULL -> Reporter.NONE;
      case STDOUT -> new StdoutReporter(out);
      case JSON -> json(folder.resolve(setting.folder()));
      case null -> Reporter.NONE;
    };
  }

  private static Reporter json(Path reports) {
    try {
      return new JsonReporter(reports);
    } catch (IOException e) {
      throw new Mistake(
          ("The folder of the reporter, %s, cannot be created: %s. Name another one with"
                  + " --reporter-folder.")
              .formatted(reports, Exceptions.brief(e)));
    }
  }

  // ---------------------------------------------------------------- running

  private int run(Minion minion) throws Exception {
    AtomicInteger signal = new AtomicInteger();
    // before there are items, which it could end
    CompletableFuture<RunningMinion> started = new CompletableFuture<>();
    if (takesSignals) {
      EndSignals.onFirst(number -> {
        signal.set(number);
        var _ = started.thenAccept(RunningMinion::stop);
      });
    }
    RunningMinion running = minion.start();
    started.complete(running);
    MinionResult result = running.await();
    if (!flags.quiet) {
      err.println("minion: " + summary(result));
    }
    return result.killed() ? EndSignals.EXIT + signal.get() : 0;
  }

  private static String summary(MinionResult result) {
    List<String> words = new ArrayList<>();
    words.add(
        result.succeeded() == 1 ? "1 item done" : "%s items done".formatted(result.succeeded()));
    if (result.failed() > 0) {
      words.add("%s failed".formatted(result.failed()));
    }
    if (result.dead() > 0) {
      words.add("%s dead".formatted(result.dead()));
    }
    if (result.returned() > 0) {
      words.add("%s given back".formatted(result.returned()));
    }
    return "%s in %s%s"
        .formatted(
            String.join(", ", words),
            Durations.rounded(result.took()),
            result.stopped() ? "; stopped" : "");
  }
}
