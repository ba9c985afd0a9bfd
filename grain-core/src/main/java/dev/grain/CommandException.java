package dev.grain;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A command ended with an exit code that does not count as success, or without its result. */
public final class CommandException extends GrainException {
  private static final long serialVersionUID = 1;

  private final @Nullable String signal;
  private final CommandResult result;

  /**
   * Makes the exception.
   *
   * @param message which command, how it ended, and the end of its error stream
   * @param signal the name of the signal that ended it, such as {@code SIGSEGV}; null for none
   * @param result what is known of it, without the bytes of a result file
   */
  public CommandException(String message, @Nullable String signal, CommandResult result) {
    super(message, null);
    this.signal = signal;
    this.result = result;
  }

  /** Returns its exit code; 128 and the number of the signal if it was ended by one. */
  public int exitCode() {
    return result.exitCode();
  }

  /** Returns the name of the signal that ended it, such as {@code SIGSEGV}. */
  public Optional<String> signal() {
    return Optional.ofNullable(signal);
  }

  /** Returns the end of its error stream, at most 16 KiB. */
  public String stderr() {
    return result.stderr();
  }

  /**
   * Returns what is known of the command in spite of its failure: how long it ran, its CPU time and
   * peak memory, and the ends of what it printed. It has no {@link CommandResult#result()}.
   */
  public CommandResult result() {
    return result;
  }
}
