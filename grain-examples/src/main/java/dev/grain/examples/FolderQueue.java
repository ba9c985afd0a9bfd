package dev.grain.examples;

import dev.grain.minion.Minion;
import dev.grain.minion.MinionResult;
import dev.grain.minion.Parameter;
import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueProvider;
import dev.grain.minion.QueueSettings;
import dev.grain.minion.Queues;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Simulates an epidemic for each combination of two parameters, which it takes from a queue in a
 * folder, and prints how many people were ill at the peak.
 *
 * <pre>
 * java ... dev.grain.examples.FolderQueue              in a temporary folder
 * java ... dev.grain.examples.FolderQueue FOLDER       in this one, which other machines may see
 * </pre>
 *
 * <p>What it teaches: minions.
 *
 * <ul>
 *   <li>Start it several times with the same folder, on any machine that sees it, at any time: all
 *       of them work on the same queue. Kill some of them: nothing is lost.
 *   <li>An item may be processed twice. So a result is a file that has the name of its item,
 *       written beside and then moved: it is there as a whole or not at all, and twice is as good
 *       as once.
 *   <li>The queue is drained when {@code run} returns: no item waits, and no minion works on one.
 * </ul>
 */
public final class FolderQueue {
  private static final double PEOPLE = 1_000_000;
  private static final double STEP = 0.1;
  private static final int STEPS = 5_000;

  private FolderQueue() {}

  /**
   * An item.
   *
   * @param contacts how many people somebody who is ill infects in a day
   * @param days how long somebody is ill
   */
  record Epidemic(double contacts, int days) {
    String name() {
      return String.format(Locale.ROOT, "%.1f-%02d", contacts, days);
    }
  }

  /** Runs the program. Arguments: a folder; or none. */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length > 0) {
      work(Path.of(arguments[0]).toAbsolutePath());
      return;
    }
    Path folder = Files.createTempDirectory("folder-queue");
    try {
      work(folder);
    } finally {
      delete(folder);
    }
  }

  private static void work(Path folder) throws Exception {
    Path results = Files.createDirectories(folder.resolve("results"));
    String queue = "file:" + folder.resolve("queue");
    if (Files.notExists(folder.resolve("queue"))) {
      create(QueueAddress.parse(queue));
    }
    String place = results.toString();
    MinionResult done =
        Minion.function(item -> simulate(item.as(Epidemic.class), Path.of(place)))
            .queue(queue)
            .decoder(Parameter.Decoder.JSON)
            .parallel(Runtime.getRuntime().availableProcessors())
            .run();
    System.out.printf("simulated %s%n", done.succeeded());
    try (Stream<Path> files = Files.list(results)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".txt")).sorted().toList()) {
        System.out.print(Files.readString(file));
      }
    }
  }

  private static void create(QueueAddress address) throws QueueException {
    List<byte[]> items = new ArrayList<>();
    for (double contacts : List.of(0.2, 0.3, 0.4)) {
      for (int days : List.of(5, 7, 10)) {
        String item = "{\"contacts\": %s, \"days\": %s}".formatted(contacts, days);
        items.add(item.getBytes(StandardCharsets.UTF_8));
      }
    }
    QueueProvider provider = Queues.of(address);
    provider.create(address, QueueSettings.DEFAULTS);
    provider.fill(address, QueueSettings.DEFAULTS, items.iterator());
  }

  /** Solves the equations of Kermack and McKendrick (1927) by steps of Euler. */
  private static void simulate(Epidemic epidemic, Path results) {
    double healthy = PEOPLE - 1;
    double ill = 1;
    double peak = ill;
    for (int step = 0; step < STEPS; step++) {
      double infected = epidemic.contacts() * ill * healthy / PEOPLE * STEP;
      double recovered = ill / epidemic.days() * STEP;
      healthy -= infected;
      ill += infected - recovered;
      peak = Math.max(peak, ill);
    }
    String line =
        String.format(
            Locale.ROOT,
            "%.1f contacts a day, ill for %2d days: %6.0f at the peak%n",
            epidemic.contacts(),
            epidemic.days(),
            peak);
    try {
      Path beside = Files.createTempFile(results, epidemic.name(), ".tmp");
      Files.writeString(beside, line);
      Files.move(
          beside,
          results.resolve(epidemic.name() + ".txt"),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
