package dev.grain.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** How many programs are started and awaited in a second, beside other ways to do that. */
final class Commands implements Question {
  private static final int SLOTS = 2;
  private static final int COMMANDS = 400;
  private static final int QUICK_COMMANDS = 150;
  private static final int WARM_UP = 4;
  private static final int ROUNDS = 15;
  private static final int QUICK_ROUNDS = 5;
  private static final String HEAP = "512m";

  /** The program that is started: it does nothing. */
  static final String PROGRAM = "true";

  @Override
  public String name() {
    return "commands";
  }

  @Override
  public String asks() {
    return "how fast are programs started?";
  }

  @Override
  public void answer(Settings settings, Report report) throws Exception {
    int commands = settings.probe().jobsOr(settings.quick() ? QUICK_COMMANDS : COMMANDS);
    List<RateSeries> all = new ArrayList<>();
    List<Jvm> started = new ArrayList<>();
    try {
      for (String system : List.of("grain", "builder")) {
        if (settings.probe().measures(system)) {
          List<String> flags = new ArrayList<>(settings.headFlags(HEAP));
          // without it, Grain has to start processes as the JDK does, and through other programs
          flags.add("--enable-native-access=ALL-UNNAMED");
          Jvm jvm = Jvm.start(system, flags, CommandsMain.class, system, String.valueOf(SLOTS));
          started.add(jvm);
          all.add(new RateSeries(system, commands, n -> nanosOf(jvm, n)));
        }
      }
      for (String tool : List.of("xargs", "parallel")) {
        if (settings.probe().measures(tool)) {
          find(tool)
              .ifPresentOrElse(
                  path -> all.add(new RateSeries(tool, commands, n -> nanosOf(path, n))),
                  () -> report.note("There is no " + tool + " on this machine."));
        }
      }
      int rounds = settings.probe().roundsOr(settings.quick() ? QUICK_ROUNDS : ROUNDS);
      Series.race(all, WARM_UP, rounds, report);
    } finally {
      started.forEach(Jvm::close);
    }
    report.table(table(all));
    compare(all, report);
  }

  private static long nanosOf(Jvm jvm, int commands) throws IOException {
    return Long.parseLong(jvm.ask(String.valueOf(commands), "took"));
  }

  /** Times a tool that reads what to start from its input, a line for each. */
  private static long nanosOf(Path tool, int commands) throws IOException {
    List<String> words =
        tool.endsWith("xargs")
            ? List.of(tool.toString(), "-P", String.valueOf(SLOTS), "-n", "1", PROGRAM)
            : List.of(tool.toString(), "-j", String.valueOf(SLOTS), PROGRAM);
    byte[] lines = "x\n".repeat(commands).getBytes(StandardCharsets.UTF_8);
    long began = System.nanoTime();
    Process process =
        Leftovers.watch(
            new ProcessBuilder(words)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    try (var input = process.getOutputStream()) {
      input.write(lines);
    }
    try {
      int code = process.waitFor();
      if (code != 0) {
        throw new IOException("%s ended with the exit code %s".formatted(tool, code));
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw new IOException("interrupted while " + tool + " ran", e);
    } finally {
      Leftovers.forget(process);
    }
    return System.nanoTime() - began;
  }

  private static Optional<Path> find(String tool) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(path.split(File.pathSeparator, -1))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, tool))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static Table table(List<RateSeries> all) {
    Table table =
        new Table(
            "Starting '%s', %s at a time".formatted(PROGRAM, SLOTS),
            "by",
            "programs/s",
            "spread",
            "ms for each");
    for (RateSeries each : all) {
      double rate = each.rates().median();
      table.row(
          each.name(),
          Table.figure(rate, 0),
          String.format(Locale.ROOT, "%.0f %%", 100 * each.rates().spread()),
          Table.figure(1000 * SLOTS / rate, 2));
    }
    return table;
  }

  private static void compare(List<RateSeries> all, Report report) {
    all.stream()
        .filter(each -> each.name().equals("grain"))
        .findFirst()
        .ifPresent(grain ->
            all.stream()
                .filter(each -> each != grain)
                .forEach(each ->
                    report.ratio(
                        "grain",
                        each.name(),
                        "spawn-rate",
                        grain.rates().median() / each.rates().median())));
  }
}
