package dev.grain.cli.head;

import dev.grain.cli.Screens;
import java.io.InputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.jline.terminal.Size;

/**
 * What the commands have of their process.
 *
 * @param variables those of the environment
 * @param zone in which times are printed
 * @param columns how wide the terminal is that standard output goes to; empty if there is none
 * @param rounds waits between two looks at the head
 * @param asking asks the user
 */
record Surroundings(
    InputStream in,
    PrintStream out,
    PrintStream err,
    Map<String, String> variables,
    InstantSource clock,
    ZoneId zone,
    Supplier<OptionalInt> columns,
    Rounds rounds,
    Asking asking) {
  private static final Duration PAUSE = Duration.ofSeconds(2);

  /** Waits between two looks at the head. */
  interface Rounds {
    /** Returns whether there is to be a next look, after a pause. */
    boolean next() throws InterruptedException;
  }

  /** Asks the user. */
  interface Asking {
    /** Returns whether there is a user who can answer. */
    boolean isPossible();

    /** Asks for a line; empty if there is none. */
    String line(String question);

    /** Asks for a line that is not shown while it is typed; empty if there is none. */
    String secret(String question);
  }

  /** Returns those of this process. */
  static Surroundings ofProcess() {
    return new Surroundings(
        System.in,
        System.out,
        System.err,
        System.getenv(),
        InstantSource.system(),
        ZoneId.systemDefault(),
        Surroundings::columnsOfProcess,
        Surroundings::pause,
        new Prompt());
  }

  private static OptionalInt columnsOfProcess() {
    Size size = Screens.size();
    return size == null ? OptionalInt.empty() : OptionalInt.of(size.getColumns());
  }

  private static boolean pause() throws InterruptedException {
    Thread.sleep(PAUSE);
    return !System.out.checkError();
  }
}
