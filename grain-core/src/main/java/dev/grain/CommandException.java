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
   * @param message which command, how it ended, and the end of its standard error
   * @param signal the name of the signal that killed it, such as {@code SIGSEGV}; null for none
   * @param result its run time, memory and output, without the content of a result file
   */
  public CommandException(String message, @Nullable String signal, CommandResult result) {
    super(message, null);
    this.signal = signal;
    this.result = result;
  }

  /** Returns its exit code; 128 plus the signal number if a signal killed it. */
  public int exitCode() {
    return result.exitCode();
  }

  /** Returns the name of the signal that killed it, such as {@code SIGSEGV}. */
  public Optional<String> signal() {
    return Optional.ofNullable(signal);
  }

  /** Returns the end of its standard error, at most 16 KiB. */
  public String stderr() {
    return result.stderr();
  }

  /**
   * Returns the run time, CPU time, peak memory and last output of the failed command. Its {@link
   * CommandResult#result()} is never available.
   */
  public CommandResult result() {
    return result;
  }
}
