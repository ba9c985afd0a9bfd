package dev.grain;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The JVM of an isolated function ended before the function did: it exited, was killed or crashed.
 * Nothing else was affected. One that runs out of memory is told of by a {@link
 * JobOutOfMemoryException}.
 */
public final class IsolatedJvmException extends GrainException {
  private static final long serialVersionUID = 1;

  private final int exitCode;
  private final @Nullable String signal;
  private final String printed;

  /**
   * Makes the exception.
   *
   * @param message how the JVM ended, and the end of what it printed
   * @param exitCode its exit code; 128 and the number of the signal if it was ended by one
   * @param signal the name of the signal that ended or crashed it, such as {@code SIGSEGV}; null
   *     for none
   * @param printed the end of what the JVM itself printed
   * @param cause what went wrong beneath, if anything
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

  /** Returns the exit code of the JVM: 128 and the number of the signal if it was ended by one. */
  public int exitCode() {
    return exitCode;
  }

  /** Returns the name of the signal that ended or crashed the JVM, such as {@code SIGSEGV}. */
  public Optional<String> signal() {
    return Optional.ofNullable(signal);
  }

  /**
   * Returns the end of what the JVM itself printed, at most 16 KiB: its warnings, and its report of
   * a crash. What the function printed is in the output of the job.
   */
  public String printed() {
    return printed;
  }
}
