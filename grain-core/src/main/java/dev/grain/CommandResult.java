package dev.grain;

import dev.grain.text.Durations;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Exit code, times, peak memory and output of a command. The result of a job describes a command
 * that succeeded; {@link CommandException#result()} describes one that failed. Immutable.
 */
public final class CommandResult implements Serializable {
  private static final long serialVersionUID = 1;

  private final int exitCode;
  private final Duration wallTime;
  private final @Nullable Duration cpuTime;
  private final long peakMemory;
  private final byte[] stdout;
  private final byte[] stderr;
  private final byte @Nullable [] result;

  /**
   * Creates a result; programs receive theirs from a job.
   *
   * @param cpuTime null if it was not measured
   * @param peakMemory in bytes; negative if it was not measured
   * @param stdout the end of what was printed
   * @param stderr the end of what was printed to standard error
   * @param result null if no result was requested
   */
  public CommandResult(
      int exitCode,
      Duration wallTime,
      @Nullable Duration cpuTime,
      long peakMemory,
      byte[] stdout,
      byte[] stderr,
      byte @Nullable [] result) {
    this.exitCode = exitCode;
    this.wallTime = wallTime;
    this.cpuTime = cpuTime;
    this.peakMemory = peakMemory;
    this.stdout = stdout.clone();
    this.stderr = stderr.clone();
    this.result = result == null ? null : result.clone();
  }

  /**
   * Returns the exit code: 0 or one of {@link Command#successCodes} if the command succeeded; 128
   * plus the signal number if a signal killed it.
   */
  public int exitCode() {
    return exitCode;
  }

  /** Returns the time from the start of the program to the end of its last process. */
  public Duration wallTime() {
    return wallTime;
  }

  /** Returns the CPU time of all its processes, as far as it was measured before they exited. */
  public Optional<Duration> cpuTime() {
    return Optional.ofNullable(cpuTime);
  }

  /** Returns the largest measured total of the resident memory of all its processes, in bytes. */
  public OptionalLong peakMemory() {
    return peakMemory < 0 ? OptionalLong.empty() : OptionalLong.of(peakMemory);
  }

  /** Returns the end of its standard output, at most 16 KiB, as UTF-8. */
  public String stdout() {
    return new String(stdout, StandardCharsets.UTF_8);
  }

  /** Returns the end of its standard output as it was printed, at most 16 KiB. */
  public byte[] stdoutBytes() {
    return stdout.clone();
  }

  /** Returns the end of its standard error, at most 16 KiB, as UTF-8. */
  public String stderr() {
    return new String(stderr, StandardCharsets.UTF_8);
  }

  /** Returns the end of its standard error as it was printed, at most 16 KiB. */
  public byte[] stderrBytes() {
    return stderr.clone();
  }

  /**
   * Returns what it wrote to its result file.
   *
   * @throws IllegalStateException if no result was requested, or the command failed
   */
  public byte[] result() {
    if (result == null) {
      throw new IllegalStateException(
          "The command has no result. Request one with Command.withResult().");
    }
    return result.clone();
  }

  /** Returns what it wrote to its result file, as UTF-8; see {@link #result()}. */
  public String resultText() {
    return new String(result(), StandardCharsets.UTF_8);
  }

  /**
   * Returns the value that it wrote to its result file as JSON; see {@link #result()}. Requires
   * Jackson 3 ({@code tools.jackson.core:jackson-databind}) on the class path.
   *
   * @throws EncodingException if the file is not JSON, or does not fit the type
   * @throws IllegalStateException if Jackson is missing, or no result was requested
   */
  public <T> T resultJson(Class<T> type) {
    return Json.read(result(), type);
  }

  @Override
  public String toString() {
    return "exit code " + exitCode + " after " + Durations.rounded(wallTime);
  }
}
