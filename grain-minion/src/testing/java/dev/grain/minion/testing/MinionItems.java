package dev.grain.minion.testing;

import dev.grain.minion.Minionize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.LockSupport;

/**
 * What minions in processes of their own do. They append a line to a file for each item that they
 * have done. The item {@code halt} kills them, {@code fail} fails, and {@code wait} waits until
 * there is a file {@code go}.
 */
final class MinionItems {
  /** The variable with the folder of the files. */
  static final String FOLDER = "MINION_TEST_FOLDER";

  private static final long PAUSE_NANOS = 2_000_000;
  private static final long WORK_NANOS = 10_000_000;

  private MinionItems() {}

  @Minionize
  static void handle(String item) throws IOException {
    Path folder = Path.of(System.getenv(FOLDER));
    switch (item) {
      case "halt" -> {
        // meanwhile others may be fetched, which must not count as delivered with this one
        LockSupport.parkNanos(WORK_NANOS);
        Runtime.getRuntime().halt(9);
      }
      case "fail" -> throw new IllegalStateException("it is fail");
      case "wait" -> {
        Files.writeString(folder.resolve("waiting"), "");
        while (!Files.exists(folder.resolve("go"))) {
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      }
      // so long that minions are killed while they work
      default -> LockSupport.parkNanos(WORK_NANOS);
    }
    Files.write(
        folder.resolve("done"),
        (item + "\n").getBytes(StandardCharsets.UTF_8),
        StandardOpenOption.CREATE,
        StandardOpenOption.WRITE,
        StandardOpenOption.APPEND);
  }
}
