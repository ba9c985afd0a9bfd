package dev.grain.cli.minion;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.gpu;
import static dev.grain.resource.Resources.memory;

import dev.grain.Enforce;
import dev.grain.Request;
import dev.grain.Resource;
import dev.grain.RunOptions;
import dev.grain.minion.MethodCall;
import dev.grain.minion.Minion;
import dev.grain.minion.MinionResult;
import dev.grain.minion.OnFailure;
import dev.grain.minion.Parameter.Decoder;
import dev.grain.minion.QueueSettings;
import dev.grain.minion.RunningMinion;
import dev.grain.minion.report.JsonReporter;
import dev.grain.minion.report.Reporter;
import dev.grain.minion.report.StdoutReporter;
import dev.grain.posix.EndSignals;
import dev.grain.text.Durations;
import dev.grain.text.Spelling;
import java.io.IOException;
import java.io.PrintStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The commands {@code grain minion} and {@code minionize}. */
@Command(
    sortOptions = false,
    description = {
      "Takes items from a queue, and runs a command on each, until the queue is empty. Any number of"
          + " minions share a queue; what one does not acknowledge, because it is killed, for"
          + " example, another one gets.",
      "",
      "  grain queue create sweeps --range 0..9          a queue with the items 0 to 9",
      "  grain minion --queue file:sweeps -- echo hello  hello 0 ... hello 9",
      "  grain minion -q file:sweeps --decoder json -- ./train --lr {lr} --epochs {epochs}",
      "  MINION_ENGINE=execo minionize echo hello        the same with the folder sweeps",
      "",
      "{} stands for the item, and {key} for a part of an item that is a JSON object. Without a"
          + " placeholder, the item is the last argument. The settings of .minion.yml apply beneath"
          + " those of .env, of the environment, and of the command line."
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
  private static final Pattern TIME =
      Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,3})?)(ms|s|m|h|d)?");
  private static final List<String> REPORTERS = List.of("null", "stdout", "json");

  private final PrintStream out;
  private final PrintStream err;
  private final Path folder;
  private final Map<String, String> variables;
  private final boolean takesSignals;

  @Mixin private final MinionFlags flags = new MinionFlags();

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
    CommandLine line = CommandLines.of(command, out, err).setStopAtPositional(true);
    line.getCommandSpec().name(name);
    line.getCommandSpec()
        .usageMessage()
        .customSynopsis(name + " [OPTION...] [--] COMMAND [ARGUMENT...]");
    return line.execute(arguments);
  }

  @Override
  public Integer call() throws Exception {
    Environment environment = Environment.in(folder, variables);
    MinionFile file = MinionFile.in(folder);
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    try (URLClassLoader classes = classes()) {
      Thread.currentThread().setContextClassLoader(classes);
      return run(minion(environment, file, classes));
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

  private Minion minion(Environment environment, MinionFile file, ClassLoader classes) {
    Minion minion = work(environment, file, classes);
    String queue = first(flags.queue, environment.queue(), file.text("queue"));
    minion = minion.queue(Addresses.in(folder, queue == null ? "sweeps" : queue)).print(out, err);
    minion =
        minion.queueSettings(
            new QueueSettings(
                flags.lease == null ? Duration.ZERO : time("--lease", flags.lease),
                environment.all()));
    minion = with(minion, decoder(environment, file), Minion::decoder);
    minion = with(minion, parallel(file), Minion::parallel);
    minion = with(minion, request(file), Minion::request);
    minion =
        with(minion, flags.timeLimit, (some, text) -> some.timeout(time("--time-limit", text)));
    minion = with(minion, flags.enforce, (some, mode) -> some.runOptions(enforced(mode)));
    minion = with(minion, first(flags.onFailure, file.text("onFailure")), this::onFailure);
    minion = with(minion, deliveries(file), Minion::maxDeliveries);
    minion =
        with(
            minion,
            first(flags.retryDelay, file.text("retryDelay")),
            (some, text) -> some.retryDelay(time("--retry-delay", text)));
    minion = with(minion, flags.grace, (some, text) -> some.grace(time("--grace", text)));
    if (flags.follow || "true".equals(file.text("follow"))) {
      minion = minion.follow();
    }
    if (flags.dryRun || environment.isDry()) {
      minion = minion.dryRun();
    }
    return minion.reporter(reporter(environment, file));
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

  private Minion work(Environment environment, MinionFile file, ClassLoader classes) {
    String className = first(flags.className, file.text("class"));
    List<String> words = flags.command.isEmpty() ? file.command() : flags.command;
    String shell = first(flags.shell, file.text("shell"));
    if (className != null && flags.command.isEmpty()) {
      return Minion.function(MethodCall.find(className, classes));
    }
    if (flags.className != null) {
      throw new Mistake("A command and --class exclude each other. Remove one of them.");
    }
    if (words.isEmpty() && shell != null) {
      // of the file: the line itself
      return Minion.command(shell).shell("sh").variables(environment.ofFile());
    }
    if (words.isEmpty()) {
      throw new Mistake("The command is missing. Add it, as in: minionize echo hello");
    }
    Minion minion = Minion.command(words).variables(environment.ofFile());
    if (shell != null) {
      minion = minion.shell(shell);
    }
    return flags.inputFile ? minion.inputFile() : minion;
  }

  private @Nullable Decoder decoder(Environment environment, MinionFile file) {
    if (flags.decoder != null) {
      return Environment.decoder("--decoder ", flags.decoder);
    }
    Decoder ofVariables = environment.decoder();
    String ofFile = file.text("decoder");
    return ofVariables != null || ofFile == null
        ? ofVariables
        : Environment.decoder(MinionFile.NAME + ": decoder ", ofFile);
  }

  private @Nullable Integer parallel(MinionFile file) {
    return flags.parallel != null ? flags.parallel : number("parallel", file);
  }

  private @Nullable Integer deliveries(MinionFile file) {
    return flags.maxDeliveries != null ? flags.maxDeliveries : number("maxDeliveries", file);
  }

  private static @Nullable Integer number(String key, MinionFile file) {
    String text = file.text(key);
    try {
      return text == null ? null : Integer.valueOf(text);
    } catch (NumberFormatException e) {
      throw new Mistake(
          "%s: %s is '%s', which is not a whole number.".formatted(MinionFile.NAME, key, text));
    }
  }

  private @Nullable Request request(MinionFile file) {
    String cpus = first(flags.cpus, file.resource("cpu"));
    String memory = first(flags.memory, file.resource("memory"));
    String gpus = first(flags.gpus, file.resource("gpu"));
    if (cpus == null && memory == null && gpus == null) {
      return null;
    }
    Resource resource = cpu(cpus == null ? 1 : decimal("--cpus", cpus));
    if (memory != null) {
      resource = resource.and(memory(memory));
    }
    if (gpus != null) {
      resource = resource.and(gpu(decimal("--gpus", gpus)));
    }
    return resource;
  }

  private static double decimal(String option, String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new Mistake("%s: '%s' is not a number, such as 4 or 0.5.".formatted(option, text));
    }
  }

  private static RunOptions enforced(String text) {
    for (Enforce mode : Enforce.values()) {
      if (mode.name().equalsIgnoreCase(text)) {
        return RunOptions.defaults().enforce(mode);
      }
    }
    throw new Mistake("--enforce: '%s' is not a mode; use off, best or require.".formatted(text));
  }

  private Minion onFailure(Minion minion, String text) {
    for (OnFailure policy : OnFailure.values()) {
      if (policy.name().equalsIgnoreCase(text)) {
        return minion.onFailure(policy);
      }
    }
    throw new Mistake("--on-failure: '%s' is not possible; use ack, nack or dead.".formatted(text));
  }

  private Reporter reporter(Environment environment, MinionFile file) {
    String name = first(flags.reporter, environment.get("MINION_REPORTER"), file.text("reporter"));
    switch (name == null || name.isEmpty() ? "null" : name.toLowerCase(Locale.ROOT)) {
      case "null" -> {
        return Reporter.NONE;
      }
      case "stdout" -> {
        return new StdoutReporter(out);
      }
      case "json" -> {
        String written =
            first(
                flags.reporterFolder == null ? null : flags.reporterFolder.toString(),
                environment.get("REPORTER_JSON_DIRECTORY"),
                file.text("reporterFolder"),
                "minion-report");
        Path reports = folder.resolve(String.valueOf(written));
        try {
          return new JsonReporter(reports);
        } catch (IOException e) {
          throw new Mistake(
              "The folder of the reporter, %s, cannot be created.".formatted(reports));
        }
      }
      default -> {
        String near = Spelling.nearest(String.valueOf(name), REPORTERS);
        throw new Mistake(
            "There is no reporter '%s'%s Known are %s."
                .formatted(
                    name,
                    near == null ? "." : "; did you mean '" + near + "'?",
                    String.join(", ", REPORTERS)));
      }
    }
  }

  private static Duration time(String option, String text) {
    Matcher matcher = TIME.matcher(text);
    if (!matcher.matches()) {
      throw new Mistake(
          "%s: '%s' is not a time; write a number and s, m or h, such as 30s."
              .formatted(option, text));
    }
    double number = Double.parseDouble(matcher.group(1));
    double seconds =
        switch (matcher.group(2)) {
          case "ms" -> number / 1000;
          case "m" -> number * 60;
          case "h" -> number * 3600;
          case "d" -> number * 86_400;
          case null, default -> number;
        };
    return Duration.ofMillis(Math.round(seconds * 1000));
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
