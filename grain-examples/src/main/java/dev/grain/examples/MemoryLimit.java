package dev.grain.examples;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.memory;

import dev.grain.Command;
import dev.grain.Grain;
import dev.grain.JobOptions;
import dev.grain.JobOutOfMemoryException;
import dev.grain.RunOptions;

/**
 * Runs a program that needs more memory than was requested for it, and requests more until it fits.
 *
 * <p>What it teaches: the memory of commands is limited.
 *
 * <ul>
 *   <li>A command that needs more memory than it requested is killed. Its job throws a {@code
 *       JobOutOfMemoryException}, whose message names what it used and what it requested.
 *   <li>A program can catch that and request more. Retries use the same request.
 *   <li>How the limit is enforced depends on the machine; the message names the mechanism.
 * </ul>
 */
public final class MemoryLimit {
  /** Makes a text of 64 million characters, and holds it for a second. */
  private static final Command TABLE =
      Command.of(
          "awk",
          "BEGIN {{ s = \"x\"; while (length(s) < 64000000) s = s s; system(\"sleep 1\"); print"
              + " length(s) }}");

  private static final long MEBIBYTE = 1L << 20;

  private MemoryLimit() {}

  /** Runs the program. */
  public static void main(String[] arguments) {
    Grain.runCombine(
        MemoryLimit::doubleUntilItFits,
        RunOptions.defaults().local(cpu(1).and(memory("4GiB"))).echo(false));
  }

  private static void doubleUntilItFits() {
    for (int mebibytes = 16; ; mebibytes *= 2) {
      try {
        String length =
            Grain.exec(
                    JobOptions.of(cpu(1).and(memory(mebibytes * MEBIBYTE))).named("table"), TABLE)
                .stdout();
        System.out.printf("It fits in %s MiB: %s", mebibytes, length);
        return;
      } catch (JobOutOfMemoryException e) {
        System.out.println(e.getMessage());
      }
    }
  }
}
