package dev.grain.node.isolated;

import dev.grain.IsolatedJvmException;
import dev.grain.message.AttemptEnd;
import dev.grain.node.process.Signals;
import dev.grain.text.MemoryUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a JVM has ended, by what it has left.
 *
 * @param code its exit code
 * @param printed the end of what it has printed
 * @param crash the start of its crash report; empty if there is none
 * @param outOfMemory the end of its job if memory was the reason; null if it was not
 */
record JvmEnd(
    int code, String printed, String crash, AttemptEnd.@Nullable OutOfMemory outOfMemory) {
  private static final int SHOWN = 2000;
  private static final int FRAMES_SHOWN = 10;

  private static final String FATAL = "A fatal error has been detected by the Java Runtime";
  private static final String NO_MEMORY =
      "There is insufficient memory for the Java Runtime Environment to continue";
  private static final String REPORT_SAVED = "# An error report file with more information";

  /** A JVM tells of variables such as JAVA_TOOL_OPTIONS at each start. */
  private static final Pattern PICKED_UP = Pattern.compile("(NOTE: )?Picked up \\w+: ");

  private static final Pattern SIGNAL = Pattern.compile("#\\s+(SIG[A-Z]+|EXCEPTION_[A-Z_]+)\\b");

  static JvmEnd of(RunningJvm.Exit exit, JvmFolder folder) {
    JvmEnd end =
        new JvmEnd(
            exit.code(),
            JvmFolder.end(folder.printed()),
            JvmFolder.begin(folder.crash()),
            ExhaustedNote.read(folder.exhausted()));
    // the JVM may have survived the end of a process that it had started
    return exit.outOfMemory() != null && end.isKilled()
        ? new JvmEnd(end.code, end.printed, end.crash, exit.outOfMemory())
        : end;
  }

  /** Returns the name of the signal that ended or crashed it; null for none. */
  @Nullable String signal() {
    Matcher named = SIGNAL.matcher(printed);
    return isCrash() && named.find() ? named.group(1) : Signals.nameOf(code);
  }

  /** Returns whether it was killed from outside. */
  boolean isKilled() {
    return !isCrash() && "SIGKILL".equals(Signals.nameOf(code));
  }

  private boolean isCrash() {
    return printed.contains(FATAL);
  }

  /** Tells how it ended while a function ran in it. */
  IsolatedJvmException failure() {
    return failure(sentence());
  }

  /** Returns the failure of the function that ran in it, if the reason is another one. */
  IsolatedJvmException failure(String sentence) {
    return new IsolatedJvmException(sentence, code, signal(), printed, null);
  }

  private String sentence() {
    String signal = signal();
    if (printed.contains(NO_MEMORY)) {
      return "Its JVM exited because the system did not provide more memory" + lastWords();
    }
    if (isCrash()) {
      return "Its JVM crashed%s%s%s"
          .formatted(signal == null ? "" : " by " + signal, javaFrames(), lastWords());
    }
    if (signal != null) {
      String why =
          signal.equals("SIGKILL") ? " (possibly by the system, because memory ran out)" : "";
      return "Its JVM was killed by %s%s%s".formatted(signal, why, lastWords());
    }
    return "Its JVM exited with code %s (System.exit?)%s".formatted(code, lastWords());
  }

  /**
   * Returns the end of a job whose JVM has used up its heap.
   *
   * @param what the error
   * @param heap how many bytes of heap it may have
   * @param memory how many bytes the job requested to get that heap; 0 if it is for another reason
   */
  static AttemptEnd.OutOfMemory outOfMemory(String what, long heap, long memory) {
    String advice =
        memory == 0
            ? "request memory, or pass the flag -Xmx for a larger heap, for example -Xmx%s"
                .formatted((heap >> 19) + "m")
            : "it requested %s, of which three quarters are the heap; request more, for example memory(\"%s\")"
                .formatted(
                    MemoryUnit.readable(memory), MemoryUnit.readable(2 * memory).replace(" ", ""));
    String reason =
        "its JVM used up its memory, a heap of %s (%s); %s"
            .formatted(MemoryUnit.readable(heap), what, advice);
    return new AttemptEnd.OutOfMemory(reason, heap, -1);
  }

  /** Says why it could not be started. */
  String notStarted() {
    return "could not start its JVM, which exited with code %s%s".formatted(code, lastWords());
  }

  /** Returns where the function was when its JVM crashed, as the JVM has reported it. */
  private String javaFrames() {
    String frames =
        crash
            .lines()
            .dropWhile(line -> !line.startsWith("Java frames:"))
            .skip(1)
            .takeWhile(line -> !line.isBlank())
            .limit(FRAMES_SHOWN)
            .collect(Collectors.joining("\n"));
    return frames.isEmpty() ? "" : " in\n" + frames + "\n";
  }

  /** Returns what it printed, without what says nothing of its end. */
  private String lastWords() {
    String told =
        printed
            .lines()
            .filter(line -> !PICKED_UP.matcher(line).lookingAt())
            // the report is removed with the folder of the JVM, unless the user has it elsewhere
            .takeWhile(line -> crash.isEmpty() || !line.startsWith(REPORT_SAVED))
            .collect(Collectors.joining("\n"));
    String end = told.substring(Math.max(0, told.length() - SHOWN)).strip();
    return end.isEmpty() ? "" : "; it printed:\n" + end;
  }
}
