package dev.grain.git;

import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.Prepared;
import java.nio.file.Files;
import java.nio.file.Path;

/** Prepares one commit, says so, and holds it until it is killed. */
final class CheckoutProgram {
  private CheckoutProgram() {}

  /**
   * Runs it; says what it does, and in the end "ready PATH".
   *
   * @param arguments the cache, the URL, the commit, and a phase to stop in for good, or none
   */
  static void main(String[] arguments) throws Exception {
    GitCheckouts checkouts = new GitCheckouts(Path.of(arguments[0]), 1L << 40);
    String stop = arguments.length > 3 ? arguments[3] : "never";
    Prepared prepared =
        checkouts.prepare(
            new GitSource(arguments[1], arguments[2], ""),
            Logins.NONE,
            (phase, done, _) -> {
              if (phase.contains(stop)) {
                System.out.println("stopped in " + phase);
                try {
                  Thread.sleep(Long.MAX_VALUE);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }
            });
    System.out.println("ready " + prepared.path());
    if (Files.exists(prepared.path())) {
      Thread.sleep(Long.MAX_VALUE);
    }
  }
}
