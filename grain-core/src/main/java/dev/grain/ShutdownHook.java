package dev.grain;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Ends a run in good order when the process is told to end while the run is open, by Ctrl-C for
 * example: says what was unfinished, and cancels it.
 */
final class ShutdownHook {
  /** How long the jobs may take to end, whatever the cancel grace: people wait for this. */
  private static final Duration PATIENCE = Duration.ofSeconds(8);

  private static final int NAMED = 10;

  private final Thread hook;

  private ShutdownHook(Thread hook) {
    this.hook = hook;
  }

  static ShutdownHook watch(Run run) {
    Thread hook = new Thread(() -> end(run), "grain-shutdown");
    Runtime.getRuntime().addShutdownHook(hook);
    return new ShutdownHook(hook);
  }

  private static void end(Run run) {
    run.end().endProgress();
    String unfinished = run.end().describeUnfinished();
    if (!unfinished.isEmpty()) {
      System.err.println("Grain: ended with " + unfinished + ".");
    }
    run.end().cancelAll(PATIENCE);
    try {
      List<String> goingOn = run.end().remainingJobs();
      if (!goingOn.isEmpty()) {
        System.err.println(
            "Grain: ended although these jobs ignore the interrupt: " + some(goingOn));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String some(List<String> names) {
    String named = names.stream().limit(NAMED).collect(Collectors.joining(", "));
    return names.size() > NAMED ? named + ", and %s more".formatted(names.size() - NAMED) : named;
  }

  /** The run has ended by itself. */
  void dismiss() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the process is ending already, and the hook runs
    }
  }
}
