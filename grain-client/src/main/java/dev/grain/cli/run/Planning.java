package dev.grain.cli.run;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.custom;
import static dev.grain.resource.Resources.gpu;
import static dev.grain.resource.Resources.memory;

import dev.grain.Enforce;
import dev.grain.JobOptions;
import dev.grain.Resource;
import dev.grain.RunOptions;
import dev.grain.cli.KnownValues;
import dev.grain.cli.SweptValues;
import dev.grain.cli.WholeNumbers;
import dev.grain.resource.internal.Detection;
import dev.grain.resource.internal.Offer;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Makes what flags stand for: the inputs, the command and the plan of the run. Each method throws
 * picocli's {@code ParameterException} if the command line is wrong.
 */
final class Planning {
  private static final String SLOTS = "PLACES";
  private static final int AS_MANY_AS_POSSIBLE = 1000;
  private static final Pattern AT_ONCE = Pattern.compile("([+-]?)([0-9]{1,6})(%?)");

  private final RunFlags flags;
  private final List<List<String>> given;
  private final InputStream in;
  private final boolean remote;

  /**
   * Plans a run.
   *
   * @param given the sources of inputs on the command line, each with its mark
   * @param in the standard input
   * @param remote whether jobs run on workers, whose files are not those of this machine
   */
  Planning(RunFlags flags, List<List<String>> given, InputStream in, boolean remote) {
    this.flags = flags;
    this.given = given;
    this.in = in;
    this.remote = remote;
  }

  // ---------------------------------------------------------------- inputs

  Inputs inputs() {
    List<Source> sources = new ArrayList<>();
    flags.lines.forEach(file -> sources.add(new Source("", false, lines(file))));
    flags.ranges.forEach(range -> sources.add(new Source("", false, range(range))));
    flags.sweeps.forEach(sweep -> sources.add(sweep(sweep, sources)));
    given.forEach(words -> addGiven(words, sources));
    long ofStdin =
        sources.stream()
            .filter(each -> each.values() instanceof Source.Lines read && read.file() == null)
            .count();
    if (ofStdin > 1) {
      throw flags.mistake("standard input can be read only once, but two sources are -.");
    }
    if (flags.columns != null && sources.size() != 1) {
      throw flags.mistake("--colsep needs exactly one source of inputs, such as --lines FILE.");
    }
    return new Inputs(sources, flags.columns == null ? null : columnsPattern(flags.columns));
  }

  private Pattern columnsPattern(String text) {
    try {
      return Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw flags.mistake(
          "--colsep: '%s' is not a regular expression: %s".formatted(text, e.getDescription()));
    }
  }

  private Source.Lines lines(String file) {
    return new Source.Lines(
        file.equals("-") ? null : Path.of(file), flags.delimiterByte(), flags.skipsEmpty, in);
  }

  private Source.Known range(String text) {
    WholeNumbers range = WholeNumbers.parse(text);
    if (range == null) {
      throw flags.mistake(
          "--range: '%s' is not a range; write it like 0..99, or 0..99:5 for every fifth"
              .formatted(text));
    }
    return new Source.Known(range);
  }

  private Source sweep(String text, List<Source> others) {
    SweptValues swept;
    try {
      swept = SweptValues.parse(text);
    } catch (IllegalArgumentException e) {
      throw flags.mistake(String.valueOf(e.getMessage()));
    }
    if (others.stream().anyMatch(each -> each.name().equals(swept.name()))) {
      throw flags.mistake(
          "--sweep: %s is given twice. Put all its values into one.".formatted(swept.name()));
    }
    return new Source(swept.name(), false, new Source.Known(swept.values()));
  }

  private void addGiven(List<String> words, List<Source> sources) {
    String mark = words.getFirst();
    List<String> values = words.subList(1, words.size());
    boolean linked = mark.endsWith(GivenSources.LINKED);
    if (linked && sources.isEmpty()) {
      throw flags.mistake(mark + " needs a preceding source to pair with.");
    }
    if (mark.startsWith(GivenSources.FILES)) {
      if (values.isEmpty()) {
        throw flags.mistake(mark + " needs a file.");
      }
      values.forEach(file -> sources.add(new Source("", linked, lines(file))));
    } else {
      sources.add(new Source("", linked, new Source.Known(new KnownValues.Listed(values))));
    }
  }

  // ---------------------------------------------------------------- the command

  Template template(Inputs inputs) {
    try {
      Path stdin = flags.stdin;
      return new Template(
          flags.command,
          new Template.Setting(
              flags.shell == null ? "" : flags.shell,
              flags.place.variables(),
              folder(),
              stdin == null || remote ? stdin : stdin.toAbsolutePath(),
              flags.place.origin()),
          inputs);
    } catch (IllegalArgumentException e) {
      throw flags.mistake(String.valueOf(e.getMessage()));
    }
  }

  private @Nullable Path folder() {
    Path folder = flags.place.workingDir(here(), remote);
    if (!flags.detach.detach || remote || flags.place.hasCode()) {
      return folder;
    }
    // the worker of this machine was started in another one
    return folder == null ? here() : here().resolve(folder);
  }

  // ---------------------------------------------------------------- jobs

  /** Returns the options of the jobs that are left to a head. */
  JobOptions detached() {
    try {
      return jobOptions(0);
    } catch (IllegalArgumentException e) {
      throw flags.mistake(String.valueOf(e.getMessage()));
    }
  }

  Plan plan(Template template, Inputs inputs) {
    try {
      int places = flags.atOnce == null ? 0 : places(flags.atOnce);
      return new Plan(
          template,
          inputs,
          jobOptions(places),
          runOptions(places),
          remote,
          // here, each job asks for one of the places
          remote ? places : 0,
          flags.halt(),
          flags.resume,
          display());
    } catch (IllegalArgumentException e) {
      throw flags.mistake(String.valueOf(e.getMessage()));
    }
  }

  private Plan.Display display() {
    Plan.Order order =
        flags.keepsOrder
            ? Plan.Order.BY_NUMBER
            : flags.grouped || flags.retries > 0 ? Plan.Order.GROUPED : Plan.Order.LINES;
    return new Plan.Display(
        order,
        flags.retries > 0,
        flags.tagged,
        flags.json,
        flags.quiet,
        flags.output == null ? null : flags.output.toAbsolutePath(),
        flags.joblog);
  }

  private int places(String text) {
    Matcher matcher = AT_ONCE.matcher(text);
    if (!matcher.matches()) {
      throw flags.mistake(
          "--jobs: '%s' is not a number, such as 8, 50%%, +2 or -1".formatted(text));
    }
    int number = Integer.parseInt(matcher.group(2));
    int cores = Runtime.getRuntime().availableProcessors();
    if (!matcher.group(3).isEmpty()) {
      number = (int) Math.min(Integer.MAX_VALUE, (long) cores * number / 100);
      return Math.max(1, signed(matcher.group(1), number, cores));
    }
    return number == 0 && matcher.group(1).isEmpty()
        ? AS_MANY_AS_POSSIBLE
        : Math.max(1, signed(matcher.group(1), number, cores));
  }

  private static int signed(String sign, int number, int cores) {
    return switch (sign) {
      case "+" -> cores + number;
      case "-" -> cores - number;
      default -> number;
    };
  }

  private JobOptions jobOptions(int places) {
    boolean takesPlace = places > 0 && !remote;
    Resource request = flags.resources.request(takesPlace ? custom(SLOTS, 1) : cpu(1));
    if (takesPlace && flags.resources.hasCpus()) {
      request = request.and(custom(SLOTS, 1));
    }
    JobOptions options =
        flags.place.addTo(JobOptions.of(request).retries(flags.retries), here(), remote);
    Duration limit = flags.resources.timeLimit();
    return limit == null ? options : options.timeout(limit);
  }

  private static Path here() {
    return Path.of("").toAbsolutePath();
  }

  private RunOptions runOptions(int places) {
    RunOptions options = RunOptions.defaults().progress(!flags.quiet);
    if (flags.grace != null) {
      options = options.cancelGrace(flags.grace);
    }
    if (flags.resume != null) {
      options = options.journal(flags.resume);
    }
    if (!flags.insecure) {
      options = flags.place.addTo(options);
    }
    if (remote) {
      options = options.workers(flags.workers);
      options = flags.key == null ? options : options.key(flags.key);
      return flags.insecure ? options.insecure() : options;
    }
    options = options.local(offer(places));
    Enforce enforce = flags.resources.enforce();
    return enforce == null ? options : options.enforce(enforce);
  }

  /** Returns what this machine has; programs take their memory from it and not from the heap. */
  private static Resource offer(int places) {
    Offer machine = Detection.detect();
    Resource offer = cpu(Math.max(1, machine.coreCount())).and(memory(machine.memory()));
    if (!machine.gpus().isEmpty()) {
      offer = offer.and(gpu(machine.gpus().size()));
    }
    return places == 0 ? offer : offer.and(custom(SLOTS, places));
  }
}
