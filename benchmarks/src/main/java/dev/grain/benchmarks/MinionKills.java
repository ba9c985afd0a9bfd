package dev.grain.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueProvider;
import dev.grain.minion.QueueSettings;
import dev.grain.minion.Queues;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The program {@code grain bench minion-kills}: minions work on a queue while some of them are
 * killed, and it counts which items were done.
 */
@Command(
    name = "grain bench minion-kills",
    description =
        "Has minions work on a queue, kills some of them with SIGKILL while others go on, and counts"
            + " which items were done, and how often.",
    sortOptions = false,
    usageHelpAutoWidth = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:each item was done at least once",
      "1:an item was lost, or a minion that was not killed has failed",
      "2:the command line is wrong"
    })
final class MinionKills implements Callable<Integer> {
  static final String NAME = "minion-kills";

  private static final List<String> FLAGS =
      List.of(
          "-Xmx128m",
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseSerialGC",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  private static final long LOOK_MILLIS = 20;

  private final PrintStream out;

  @Spec private CommandSpec spec;

  @Option(
      names = "--items",
      defaultValue = "1000000",
      description = "How many items there are; ${DEFAULT-VALUE} by default.")
  private int items;

  @Option(
      names = "--minions",
      defaultValue = "8",
      description = "How many minions work at a time; ${DEFAULT-VALUE} by default.")
  private int minions;

  @Option(
      names = "--kills",
      defaultValue = "200",
      description = "How many of them are killed, and replaced; ${DEFAULT-VALUE} by default.")
  private int kills;

  @Option(
      names = "--parallel",
      defaultValue = "2",
      description = "How many items each of them processes at a time; ${DEFAULT-VALUE} by default.")
  private int parallel;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Chooses which of them are killed; ${DEFAULT-VALUE} by default.")
  private long seed;

  @Option(
      names = "--queue",
      paramLabel = "ADDRESS",
      description = {
        "The queue, which must not exist; it is created before, and removed after.",
        "By default it is a folder, with a lease of 5 seconds."
      })
  private @Nullable String queue;

  @Option(names = "--help", usageHelp = true, description = "Prints this text.")
  @SuppressWarnings("UnusedVariable") // picocli reads it
  private boolean help;

  @SuppressWarnings("NullAway.Init") // picocli sets the others
  private MinionKills(PrintStream out) {
    this.out = out;
  }

  static CommandLine commandLine(PrintStream out) {
    return new CommandLine(new MinionKills(out));
  }

  @Override
  public Integer call() throws Exception {
    if (items < 1 || items > 100_000_000 || minions < 1 || kills < 0 || parallel < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "There must be 1 to 100000000 items, at least one minion that processes at least one at a"
              + " time, and no negative number of kills.");
    }
    try (Scratch scratch = Scratch.create()) {
      String address =
          queue == null ? "file:" + scratch.folder().resolve("queue") + "?lease=5s" : queue;
      Path results = Files.createDirectory(scratch.folder().resolve("done"));
      return run(address, results);
    }
  }

  private int run(String text, Path results) throws Exception {
    QueueAddress address = QueueAddress.parse(text);
    QueueProvider provider = Queues.of(address);
    QueueSettings settings = new QueueSettings(Duration.ZERO, System.getenv());
    provider.create(address, settings);
    try {
      provider.fill(
          address,
          settings,
          IntStream.range(0, items)
              .mapToObj(item -> line(item).strip().getBytes(US_ASCII))
              .iterator());
      long began = System.nanoTime();
      int killed = new Killing(text, results).run();
      double seconds = (System.nanoTime() - began) / 1e9;
      return report(text, results, killed, seconds, letters(provider, address, settings));
    } finally {
      provider.purge(address, settings);
    }
  }

  private static long letters(QueueProvider provider, QueueAddress address, QueueSettings settings)
      throws QueueException {
    long[] count = {0};
    provider.dead(address, settings, _ -> count[0]++);
    return count[0];
  }

  private int report(String text, Path results, int killed, double seconds, long letters)
      throws IOException {
    BitSet done = new BitSet();
    long times = 0;
    for (Path file : files(results)) {
      byte[] bytes = Files.readAllBytes(file);
      int length = line(0).length();
      // the last line may be cut
      for (int at = 0; at + length <= bytes.length; at += length) {
        done.set(Integer.parseInt(new String(bytes, at, length - 1, US_ASCII)));
        times++;
      }
    }
    long different = done.cardinality();
    long lost = items - different;
    out.print(
        new Table(
                "Items of %s with %s minions".formatted(text, minions),
                "items",
                "kills",
                "done again",
                "dead letters",
                "lost",
                "seconds")
            .row(
                number(items),
                number(killed),
                number(times - different),
                number(letters),
                number(lost),
                Table.figure(seconds, 3)));
    out.flush();
    return lost == 0 ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** Returns an item with the end of its line; all have the same length. */
  static String line(int item) {
    return String.format(Locale.ROOT, "%09d\n", item);
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  /** The minions that work, and those that are killed. */
  private final class Killing {
    private final String address;
    private final Path results;
    private final Random random = new Random(seed);
    private final List<Jvm> running = new ArrayList<>();
    private int started;

    Killing(String address, Path results) {
      this.address = address;
      this.results = results;
    }

    /** Returns how many were killed: fewer than are to be, if the items are done before. */
    int run() throws IOException, InterruptedException {
      try {
        for (int i = 0; i < minions; i++) {
          start();
        }
        int killed = 0;
        while (killed < kills && awaitDone((long) items * (killed + 1) / (kills + 2))) {
          Jvm victim = running.remove(random.nextInt(running.size()));
          victim.process().destroyForcibly().waitFor();
          victim.close();
          start();
          killed++;
        }
        for (Jvm each : running) {
          each.await(MinionKillsMain.END);
        }
        return killed;
      } finally {
        running.forEach(Jvm::close);
      }
    }

    private void start() throws IOException {
      started++;
      running.add(
          Jvm.start(
              "minion " + started,
              FLAGS,
              MinionKillsMain.class,
              address,
              results.resolve("minion-" + started).toString(),
              String.valueOf(parallel)));
    }

    /** Waits until so many items are done; returns false if minions have ended before. */
    private boolean awaitDone(long count) throws IOException, InterruptedException {
      while (done() < count) {
        if (running.stream().anyMatch(each -> !each.process().isAlive())) {
          return false;
        }
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
      return true;
    }

    private long done() throws IOException {
      long bytes = 0;
      for (Path file : files(results)) {
        bytes += Files.size(file);
      }
      return bytes / line(0).length();
    }
  }

  /** Returns the command line without its first word if that names this program; else null. */
  static String @Nullable [] arguments(String... all) {
    return all.length > 0 && all[0].equals(NAME) ? Arrays.copyOfRange(all, 1, all.length) : null;
  }
}
