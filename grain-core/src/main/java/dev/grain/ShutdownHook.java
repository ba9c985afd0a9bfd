package dev.grain;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Ends a run in good order when the process is terminated while the run is open, by Ctrl-C for
 * example: reports unfinished work, and cancels it.
 */
final class ShutdownHook {
  /** How long the jobs may take to end, whatever the cancel grace: people wait for this. */
  private static final Duration PATIENCE = Duration.ofSeconds(8);

  private static final int NAMED = 10;

  private final Thread hook;

  private ShutdownHook(Thread hook) {
    this.hook = hook;
  }

  /** Watches a run that is opened by the current thread. */
  static ShutdownHook watch(Run run) {
    Thread opener = Thread.currentThread();
    Thread hook = new Thread(() -> end(run, opener), "grain-shutdown");
    Runtime.getRuntime().addShutdownHook(hook);
    return new ShutdownHook(hook);
  }

  private static void end(Run run, Thread opener) {
    run.end().endProgress();
    // one that has ended will not close it any more
    boolean forgotten = !run.isClosing() && !opener.isAlive();
    String unfinished = run.end().describeUnfinished();
    if (!unfinished.isEmpty()) {
      System.err.println(
          "Grain: ended with "
              + unfinished
              + (forgotten ? "; close the GrainExecutor, which waits for its jobs." : "."));
    }
    run.end().cancelAll(PATIENCE.toNanos());
    try {
      List<String> goingOn = run.end().remainingJobs();
      if (!goingOn.isEmpty()) {
        System.err.println(
            "Grain: ended while these jobs were still running, as they ignore the "
                + "interrupt: "
                + some(goingOn));
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
