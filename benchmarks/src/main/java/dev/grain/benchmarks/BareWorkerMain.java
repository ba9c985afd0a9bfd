package dev.grain.benchmarks;

import dev.grain.benchmarks.bare.BareTls;
import dev.grain.benchmarks.bare.BareWorker;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A worker of the yardstick in a JVM of its own. Says {@code ready PORT}. */
final class BareWorkerMain {
  private BareWorkerMain() {}

  /** Takes the file of a key, or nothing for plain text. */
  static void main(String[] arguments) throws Exception {
    Tether.endWithInput();
    @Nullable BareTls tls = arguments.length == 0 ? null : BareTls.load(Path.of(arguments[0]));
    System.out.println("ready " + BareWorker.start(Jobs.NUMBERED, tls).port());
    Thread.currentThread().join();
  }
}
