package dev.grain;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A command ended with an exit code that does not count as success, or without its result. */
public final class CommandException extends GrainException {
  private static final long serialVersionUID = 1;

  private final int exitCode;
  private final @Nullable String signal;
  private final String stderr;

  /**
   * Makes the exception.
   *
   * @param message which command, how it ended, and the end of its error stream
   * @param signal the name of the signal that ended it, such as {@code SIGSEGV}; null for none
   * @param stderr the end of its error stream
   */
  public CommandException(String message, int exitCode, @Nullable String signal, String stderr) {
    super(message, null);
    this.exitCode = exitCode;
    this.signal = signal;
    this.stderr = stderr;
  }

  /** Returns its exit code; 128 and the number of the signal if it was ended by one. */
  public int exitCode() {
    return exitCode;
  }

  /** Returns the name of the signal that ended it, such as {@code SIGSEGV}. */
  public Optional<String> signal() {
    return Optional.ofNullable(signal);
  }

  /** Returns the end of its error stream, at most 16 KiB. */
  public String stderr() {
    return stderr;
  }
}
