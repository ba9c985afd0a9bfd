package dev.grain.node.process;

import dev.grain.CommandException;
import dev.grain.CommandResult;
import dev.grain.code.Codec;
import dev.grain.message.AttemptEnd;
import dev.grain.message.CommandLine;
import dev.grain.text.Exceptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a command ended that was not stopped.
 *
 * @param line what was started
 * @param code the exit code; 128 and the number of a signal if one ended it
 * @param ran how long it ran
 * @param cpu null if it was not measured
 * @param peakMemory in bytes; negative if it was not measured
 * @param stdout the end of what was printed
 * @param stderr the end of what was printed on the error stream
 */
public record CommandOutcome(
    CommandLine line,
    int code,
    Duration ran,
    @Nullable Duration cpu,
    long peakMemory,
    OutputTail stdout,
    OutputTail stderr) {
  private static final int STDERR_SHOWN = 2000;

  /**
   * Returns it as the end of an attempt: the result, or the failure if the exit code is none of
   * success, or if there is no result or a too large one.
   *
   * @param file of the result
   * @param limit how many bytes a result may take
   */
  public AttemptEnd toEnd(Path file, Codec codec, long limit) throws IOException {
    if (!line.successCodes().contains(code)) {
      return failed("", codec);
    }
    byte[] result = null;
    if (line.returnsResult()) {
      if (Files.notExists(file)) {
        return failure("wrote no result to $GRAIN_RESULT_FILE", "", codec);
      }
      long size = Files.size(file);
      if (size > limit) {
        return failure(
            "wrote a result of %s bytes, above the limit of %s; write less, or leave a file"
                    .formatted(size, limit)
                + " and return its name",
            "",
            codec);
      }
      result = Files.readAllBytes(file);
    }
    return new AttemptEnd.Value(codec.encodeValue(result(result), limit));
  }

  /**
   * Returns the failure that its exit code is.
   *
   * @param detail what to say after the exit code; may be empty
   */
  public AttemptEnd failed(String detail, Codec codec) {
    return failure("exited with code " + code, detail, codec);
  }

  private AttemptEnd failure(String what, String detail, Codec codec) {
    CommandException exception = exception(what, detail);
    return new AttemptEnd.Failure(codec.encodeFailure(exception), Exceptions.brief(exception));
  }

  private CommandResult result(byte @Nullable [] result) {
    return new CommandResult(code, ran, cpu, peakMemory, stdout.bytes(), stderr.bytes(), result);
  }

  private CommandException exception(String what, String detail) {
    CommandResult result = result(null);
    String signal = Signals.nameOf(code);
    String printed = result.stderr();
    String end = printed.substring(Math.max(0, printed.length() - STDERR_SHOWN)).strip();
    return new CommandException(
        "\"%s\" %s%s%s%s"
            .formatted(
                String.join(" ", line.words()),
                signal == null ? what : "was killed by " + signal + " (exit code " + code + ")",
                detail,
                end.isEmpty() ? "" : "; its error stream ends with:\n",
                end),
        signal,
        result);
  }
}
