package dev.grain.worker;

import java.io.PrintStream;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Tells an end that the worker wants from one that a job causes by {@code System.exit}: the latter
 * gets an exit code of its own, whatever the job has said, so that a supervisor starts the worker
 * again; and the log gets the line of the job.
 */
final class ExitGuard implements AutoCloseable {
  /** The JDK logs each call of {@code System.exit} here, with its stack. */
  private static final Logger EXITS = Logger.getLogger("java.lang.Runtime");

  private final PrintStream err;
  // set by the thread that ends the worker, read by the shutdown hook
  private volatile boolean expected;

  private ExitGuard(PrintStream err) {
    this.err = err;
  }

  /**
   * Watches over the end of this JVM, until it is closed.
   *
   * @param err for the sentence that a job has ended the worker
   */
  static ExitGuard install(PrintStream err) {
    ExitGuard guard = new ExitGuard(err);
    EXITS.setLevel(Level.FINE);
    Runtime.getRuntime().addShutdownHook(new Thread(guard::onShutdown, "grain-exit"));
    return guard;
  }

  /** From now on an end is what the worker wants. */
  @Override
  public void close() {
    expected = true;
    EXITS.setLevel(Level.OFF);
  }

  private void onShutdown() {
    if (!expected) {
      err.println("grain-worker: a job called System.exit, which ends this worker.");
      err.flush();
      Runtime.getRuntime().halt(ExitCode.ENDED_BY_JOB.number());
    }
  }
}
