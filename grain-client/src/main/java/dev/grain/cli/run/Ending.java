package dev.grain.cli.run;

import dev.grain.Attempt;
import dev.grain.CommandException;
import dev.grain.CommandResult;
import dev.grain.JobCancelledException;
import dev.grain.JobException;
import dev.grain.JobFailedException;
import dev.grain.JobLostException;
import dev.grain.JobNotStartedException;
import dev.grain.JobOutOfMemoryException;
import dev.grain.JobTimedOutException;
import dev.grain.explain.Sentences;
import dev.grain.text.MemoryUnit;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a job ended.
 *
 * @param exitCode negative if there is none
 * @param signal the name of the signal that ended the program; null for none
 * @param ran how long the last attempt ran
 * @param cpuTime null if it was not measured
 * @param peakMemory in bytes; not positive if it was not measured
 * @param node where it ran last; empty if nowhere
 * @param reason why it did not succeed, as the end of a sentence about the job; empty if it did
 * @param at when it was known
 * @param stdout the end of what it printed, where nothing more is known; empty otherwise
 */
record Ending(
    Kind kind,
    int exitCode,
    @Nullable String signal,
    Duration ran,
    @Nullable Duration cpuTime,
    long peakMemory,
    String node,
    int attempts,
    boolean fromJournal,
    String reason,
    Instant at,
    String stdout) {
  private static final Pattern SUBJECT = Pattern.compile("(?s)^Job [0-9]+(?: \\([^)]*\\))? ");

  /** This machine is the only one, so its name is omitted. */
  private static final Pattern STARTING =
      Pattern.compile("^(was not started: )local could not start its program: ");

  private static final int SIGNALS = 128;

  /** What became of it. */
  enum Kind {
    SUCCEEDED("succeeded"),
    FAILED("failed"),
    TIMED_OUT("timed out"),
    OUT_OF_MEMORY("out of memory"),
    LOST("lost"),
    NOT_STARTED("not started"),
    /** It ran when the run was stopped. */
    STOPPED("stopped"),
    /** It had not started when the run was stopped. */
    CANCELLED("cancelled");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    /** Returns whether the job has not done what it should, by itself. */
    boolean isFailure() {
      return switch (this) {
        case FAILED, TIMED_OUT, OUT_OF_MEMORY, LOST, NOT_STARTED -> true;
        case SUCCEEDED, STOPPED, CANCELLED -> false;
      };
    }

    @Override
    public String toString() {
      return words;
    }
  }

  static Ending succeeded(CommandResult result, List<Attempt> attempts, boolean fromJournal) {
    return new Ending(
        Kind.SUCCEEDED,
        result.exitCode(),
        null,
        result.wallTime(),
        result.cpuTime().orElse(null),
        result.peakMemory().orElse(-1),
        node(attempts),
        attempts.isEmpty() ? 1 : attempts.getLast().number(),
        fromJournal,
        "",
        Instant.now(),
        fromJournal ? result.stdout() : "");
  }

  /** Returns the end of a job that was never submitted. */
  static Ending notStarted(String why) {
    return without(Kind.NOT_STARTED, List.of(), "was not started: " + why);
  }

  /** Returns the end of a job without a result. */
  static Ending of(JobException failure) {
    List<Attempt> attempts = failure.attempts();
    if (failure.getCause() instanceof CommandException command) {
      return failed(command, attempts);
    }
    if (failure instanceof JobOutOfMemoryException full && full.memoryLimit().isPresent()) {
      return outOfMemory(full, full.memoryLimit().getAsLong());
    }
    String words = SUBJECT.matcher(String.valueOf(failure.getMessage())).replaceFirst("");
    words = STARTING.matcher(words).replaceFirst("$1");
    String reason = words.replace(", or declare more by RunOptions.local", "");
    Kind kind =
        switch (failure) {
          case JobTimedOutException _ -> Kind.TIMED_OUT;
          case JobLostException _ -> Kind.LOST;
          case JobNotStartedException _ -> Kind.NOT_STARTED;
          case JobOutOfMemoryException _ -> Kind.OUT_OF_MEMORY;
          case JobCancelledException _ -> hasRun(attempts) ? Kind.STOPPED : Kind.CANCELLED;
          case JobFailedException _ -> Kind.FAILED;
        };
    return without(kind, attempts, reason);
  }

  /** Says it without the words of the command, which the line of the job has. */
  private static Ending outOfMemory(JobOutOfMemoryException failure, long limit) {
    List<Attempt> attempts = failure.attempts();
    long peak = failure.peakMemory().orElse(-1);
    String used = peak > 0 ? MemoryUnit.readable(peak) + " of" : "more than";
    String reason =
        "ran out of memory: it used %s the %s that it requested; raise --memory, for example to %s%s"
            .formatted(
                used,
                MemoryUnit.readable(limit),
                MemoryUnit.readable(2 * limit).replace(" ", ""),
                Sentences.lines(attempts));
    return without(Kind.OUT_OF_MEMORY, attempts, reason, peak);
  }

  private static Ending failed(CommandException command, List<Attempt> attempts) {
    String signal = command.signal().orElse(null);
    String tries = attempts.size() > 1 ? " in attempt " + attempts.getLast().number() : "";
    return new Ending(
        Kind.FAILED,
        command.exitCode(),
        signal,
        command.result().wallTime(),
        command.result().cpuTime().orElse(null),
        command.result().peakMemory().orElse(-1),
        node(attempts),
        attempts.size(),
        false,
        (signal == null ? "exited with code " + command.exitCode() : "was killed by " + signal)
            + tries,
        Instant.now(),
        "");
  }

  private static Ending without(Kind kind, List<Attempt> attempts, String reason) {
    return without(kind, attempts, reason, -1);
  }

  private static Ending without(Kind kind, List<Attempt> attempts, String reason, long peakMemory) {
    return new Ending(
        kind,
        -1,
        null,
        ran(attempts),
        null,
        peakMemory,
        node(attempts),
        attempts.size(),
        false,
        reason,
        Instant.now(),
        "");
  }

  private static boolean hasRun(List<Attempt> attempts) {
    return attempts.stream().anyMatch(attempt -> attempt.ran().isPositive());
  }

  private static Duration ran(List<Attempt> attempts) {
    return attempts.isEmpty() ? Duration.ZERO : attempts.getLast().ran();
  }

  private static String node(List<Attempt> attempts) {
    return attempts.isEmpty() ? "" : attempts.getLast().worker();
  }

  /** Returns the number of the signal that ended the program; 0 for none. */
  int signalNumber() {
    return signal == null ? 0 : exitCode - SIGNALS;
  }

  /** Returns the exit code, or what there is in its place. */
  String result() {
    return switch (kind) {
      case SUCCEEDED -> Integer.toString(exitCode);
      case FAILED ->
          signal != null ? signal : exitCode < 0 ? kind.toString() : Integer.toString(exitCode);
      default -> kind.toString();
    };
  }
}
