package dev.grain.minion.report;

import java.io.PrintStream;
import java.util.Locale;

/** Prints a line of text for each event. */
public final class StdoutReporter implements Reporter {
  private final PrintStream out;

  /** Makes one that prints there. */
  public StdoutReporter(PrintStream out) {
    this.out = out;
  }

  @Override
  public void fire(MinionEvent event) {
    out.println(
        String.format(
            Locale.ROOT,
            "%s generation=%d param=%s process=%.3fs %s",
            event.nodename(),
            event.generation(),
            event.param(),
            event.processSeconds(),
            event.error() == null
                ? "ok"
                : "error=" + event.error().lines().findFirst().orElse("")));
    out.flush();
  }
}
