package dev.grain;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The JVM of an isolated function ended before the function did: it exited, was killed or crashed.
 * Other jobs were not affected. If the JVM ran out of memory, the job fails with a {@link
 * JobOutOfMemoryException} instead.
 */
public final class IsolatedJvmException extends GrainException {
  private static final long serialVersionUID = 1;

  private final int exitCode;
  private final @Nullable String signal;
  private final String printed;

  /**
   * Makes the exception.
   *
   * @param message how the JVM ended, and the end of its own output
   * @param exitCode its exit code; 128 plus the number of the signal if a signal killed it
   * @param signal the name of the signal that killed or crashed it, such as {@code SIGSEGV}; null
   *     for none
   * @param printed the end of the output of the JVM itself
   * @param cause the underlying exception, or null
   */
  public IsolatedJvmException(
      String message,
      int exitCode,
      @Nullable String signal,
      String printed,
      @Nullable Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
    this.signal = signal;
    this.printed = printed;
  }

  /** Returns the exit code of the JVM; 128 plus the signal number if a signal killed it. */
  public int exitCode() {
    return exitCode;
  }

  /** Returns the name of the signal that killed or crashed the JVM, such as {@code SIGSEGV}. */
  public Optional<String> signal() {
    return Optional.ofNullable(signal);
  }

  /**
   * Returns the end of the output of the JVM itself, at most 16 KiB: its warnings, and its crash
   * report. The output of the function is in the output of the job.
   */
  public String printed() {
    return printed;
  }
}
