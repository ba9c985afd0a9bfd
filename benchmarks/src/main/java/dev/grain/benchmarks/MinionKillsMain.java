package dev.grain.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.grain.minion.Minion;
import dev.grain.minion.Parameter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A minion in a JVM of its own, which appends a line to its file for each item. */
final class MinionKillsMain {
  /** What it prints when nothing is left to do. */
  static final String END = "drained";

  /** Items may be delivered as often as their minions are killed. */
  private static final int MOST_DELIVERIES = 1_000_000;

  // set before the minion starts
  private static @Nullable OutputStream done;

  private MinionKillsMain() {}

  /** Takes the address of the queue, the file, and how many items are processed at a time. */
  static void main(String[] arguments) throws Exception {
    Tether.endWithInput();
    try (OutputStream file = Files.newOutputStream(Path.of(arguments[1]))) {
      done = file;
      Minion.function(MinionKillsMain::handle)
          .queue(arguments[0])
          .parallel(Integer.parseInt(arguments[2]))
          .maxDeliveries(MOST_DELIVERIES)
          .run();
    }
    System.out.println(END);
    System.exit(0);
  }

  /** Appends all of the line at once, in the order of the calls. */
  static void handle(Parameter item) throws IOException {
    byte[] line = (item.text() + "\n").getBytes(US_ASCII);
    OutputStream file = done;
    if (file == null) {
      throw new IllegalStateException("There is no file.");
    }
    synchronized (MinionKillsMain.class) {
      file.write(line);
    }
  }
}
