package dev.grain.worker;

import java.io.PrintStream;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Distinguishes an exit that the worker wants from one that a job causes by {@code System.exit}:
 * the latter gets an exit code of its own, whatever code the job has passed, so that a supervisor
 * starts the worker again. The log gets the line of the job, and so does what the job prints, for
 * those who sent it.
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
    EXITS.addHandler(new ToTheJob());
    Runtime.getRuntime().addShutdownHook(new Thread(guard::onShutdown, "grain-exit"));
    return guard;
  }

  /** From now on an end is what the worker wants. */
  @Override
  public void close() {
    expected = true;
    EXITS.setLevel(Level.OFF);
  }

  /** Returns whether it reports a call of {@code System.exit}. */
  static boolean isExit(LogRecord record) {
    return EXITS.getName().equals(record.getLoggerName());
  }

  /** Prints where it was called to what is {@code System.err} there: in a job, its output. */
  private static final class ToTheJob extends Handler {
    @Override
    public void publish(LogRecord exit) {
      PrintStream current = System.err;
      current.println("This error ends the worker: " + exit.getMessage());
      Throwable where = exit.getThrown();
      if (where != null) {
        where.printStackTrace(current);
      }
      current.flush();
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  private void onShutdown() {
    if (!expected) {
      err.println("grain-worker: a job called System.exit, which ends this worker.");
      err.flush();
      Runtime.getRuntime().halt(ExitCode.ENDED_BY_JOB.number());
    }
  }
}
