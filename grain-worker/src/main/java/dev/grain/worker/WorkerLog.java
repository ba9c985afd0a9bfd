package dev.grain.worker;

import dev.grain.node.call.OutputDispatcher;
import java.io.PrintStream;
import java.util.logging.ErrorManager;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;

/**
 * Prints what is logged by the JDK: what a job logs on what is {@code System.err} to the job, so
 * that it is in the job's output, and all else on the error stream of the process.
 */
final class WorkerLog extends Handler {
  private final PrintStream own;

  /**
   * Makes one.
   *
   * @param own the error stream of the process
   */
  WorkerLog(PrintStream own) {
    this.own = own;
    setFormatter(new SimpleFormatter());
  }

  @Override
  public void publish(LogRecord record) {
    if (!isLoggable(record)) {
      return;
    }
    String text;
    try {
      text = getFormatter().format(record);
    } catch (RuntimeException e) {
      reportError(null, e, ErrorManager.FORMAT_FAILURE);
      return;
    }
    PrintStream target = target(record);
    target.print(text);
    target.flush();
  }

  /** That a job ends the process is for those who look after the worker. */
  private PrintStream target(LogRecord record) {
    return OutputDispatcher.isUsedByJob() && !ExitGuard.isExit(record) ? System.err : own;
  }

  @Override
  public void flush() {
    own.flush();
  }

  @Override
  public void close() {
    own.flush();
  }
}
