package dev.grain;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The function of the job threw; {@link #getCause()} is what it threw, with the stack trace of the
 * worker.
 */
public final class JobFailedException extends JobException {
  private static final long serialVersionUID = 1;

  private final String worker;
  private final String output;

  /**
   * Makes the exception.
   *
   * @param job the job
   * @param attempts every try of it
   * @param worker the name of the worker of the last attempt
   * @param output the end of what the last attempt printed
   * @param message which job, where, and what it threw
   * @param cause what the function threw
   */
  public JobFailedException(
      JobId job,
      List<Attempt> attempts,
      String worker,
      String output,
      String message,
      @Nullable Throwable cause) {
    super(job, attempts, message, cause);
    this.worker = worker;
    this.output = output;
  }

  @Override
  public Cause cause() {
    return Cause.FAILED;
  }

  /** Returns the name of the worker on which the last attempt failed. */
  public String worker() {
    return worker;
  }

  /** Returns the end of what the last attempt printed; empty if nothing. */
  public String output() {
    return output;
  }
}
