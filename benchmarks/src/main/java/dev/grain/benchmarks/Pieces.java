package dev.grain.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** What each piece costs that a job passes, measured by JMH in JVMs of its own. */
final class Pieces implements Question {
  private static final String PLAIN = "Plain";

  /** What a benchmark measures, and of which of the two. */
  private static final Pattern NAME = Pattern.compile("(.*)(Grain|" + PLAIN + ")");

  @Override
  public String name() {
    return "pieces";
  }

  @Override
  public String asks() {
    return "what does each piece cost that a job passes?";
  }

  @Override
  public void answer(Settings settings, Report report) throws RunnerException, IOException {
    Path printed = Files.createTempFile("jmh", ".txt");
    try {
      answer(run(settings, printed), report);
    } finally {
      Files.delete(printed);
    }
  }

  /** JMH prints to its file, or its progress would be among the tables. */
  private static Collection<RunResult> run(Settings settings, Path printed) throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("dev\\.grain\\.benchmarks\\.pieces\\.")
            .mode(Mode.AverageTime)
            .timeUnit(TimeUnit.NANOSECONDS)
            .verbosity(VerboseMode.SILENT)
            .output(printed.toString())
            .shouldFailOnError(true)
            .jvmArgs(settings.headFlags("1g").toArray(String[]::new));
    TimeValue time = TimeValue.milliseconds(settings.quick() ? 200 : 1_000);
    int rounds = settings.probe().roundsOr(settings.quick() ? 4 : 5);
    return new Runner(
            options
                .forks(settings.quick() ? 1 : 3)
                .warmupIterations(settings.quick() ? 5 : 3)
                .warmupTime(time)
                .measurementIterations(rounds)
                .measurementTime(time)
                .build())
        .run();
  }

  private static void answer(Collection<RunResult> results, Report report) {
    SortedMap<String, Samples> grain = new TreeMap<>();
    SortedMap<String, Samples> plain = new TreeMap<>();
    for (RunResult result : results) {
      String name = result.getPrimaryResult().getLabel();
      Matcher parts = NAME.matcher(name);
      if (!parts.matches()) {
        throw new IllegalStateException(name + " is neither of Grain nor of its yardstick");
      }
      Samples times = new Samples();
      result
          .getPrimaryResult()
          .getStatistics()
          .getRawData()
          .forEachRemaining(round -> times.add(round.getKey()));
      (parts.group(2).equals(PLAIN) ? plain : grain).put(parts.group(1), times);
    }
    report.table(table(grain, plain));
    Chart chart = new Chart("pieces", "Time of each piece", "ns", true);
    grain.forEach((piece, times) -> chart.bar("Grain", piece, times.median()));
    plain.forEach((piece, times) -> chart.bar("plain", piece, times.median()));
    report.chart(chart);
    grain.forEach((piece, times) -> {
      Samples yardstick = plain.get(piece);
      if (yardstick != null) {
        report.ratio("grain", "plain", piece, times.median() / yardstick.median());
      }
    });
  }

  private static Table table(Map<String, Samples> grain, Map<String, Samples> plain) {
    Table table = new Table("Pieces", "piece", "Grain ns", "spread %", "plain ns", "spread %");
    grain.forEach((piece, times) -> {
      Samples yardstick = plain.get(piece);
      table.row(
          piece,
          figure(times.median()),
          figure(times.spread() * 100),
          yardstick == null ? "" : figure(yardstick.median()),
          yardstick == null ? "" : figure(yardstick.spread() * 100));
    });
    return table;
  }

  private static String figure(double value) {
    return String.format(Locale.ROOT, value < 100 ? "%.1f" : "%,.0f", value);
  }
}
