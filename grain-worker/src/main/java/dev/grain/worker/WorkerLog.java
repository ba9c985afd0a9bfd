package dev.grain.worker;

import dev.grain.node.call.OutputDispatcher;
import dev.grain.text.Exceptions;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Prints what is logged by the JDK: what a job logs on what is {@code System.err} to the job, so
 * that it is in the job's output, and all else to the log of the worker, one line for each event.
 */
final class WorkerLog extends Handler {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);

  private static final Pattern LINE_BREAK = Pattern.compile("\\s*\\R\\s*");

  private final PrintStream own;
  private final boolean stacks;

  /**
   * Makes one.
   *
   * @param own the log of the worker
   * @param stacks whether the stack of each exception is wanted there; those of errors always are
   */
  WorkerLog(PrintStream own, boolean stacks) {
    this.own = own;
    this.stacks = stacks;
    setLevel(Level.ALL);
    setFormatter(new Text());
  }

  @Override
  public void publish(LogRecord record) {
    if (!isLoggable(record)) {
      return;
    }
    PrintStream target = target(record);
    target.print(target == own ? event(record) : getFormatter().format(record));
    target.flush();
  }

  /** That a job ends the process is for those who look after the worker. */
  private PrintStream target(LogRecord record) {
    return OutputDispatcher.isUsedByJob() && !ExitGuard.isExit(record) ? System.err : own;
  }

  private String event(LogRecord record) {
    Throwable thrown = record.getThrown();
    String line = head(record, getFormatter()).strip();
    if (thrown != null && !needsStack(record)) {
      line +=
          Exceptions.withCauses(thrown).stream()
              .map(Exceptions::brief)
              .collect(Collectors.joining("; caused by ", ": ", ""));
      thrown = null;
    }
    return LINE_BREAK.matcher(line).replaceAll(" ") + System.lineSeparator() + stack(thrown);
  }

  private boolean needsStack(LogRecord record) {
    return stacks
        || record.getLevel().intValue() >= Level.SEVERE.intValue()
        || ExitGuard.isExit(record);
  }

  private static String head(LogRecord record, Formatter formatter) {
    return "%s %s %s"
        .formatted(
            TIME.format(LocalDateTime.ofInstant(record.getInstant(), ZoneId.systemDefault())),
            LogOptions.Threshold.of(record.getLevel()),
            formatter.formatMessage(record));
  }

  private static String stack(@Nullable Throwable thrown) {
    if (thrown == null) {
      return "";
    }
    StringWriter text = new StringWriter();
    try (PrintWriter writer = new PrintWriter(text)) {
      thrown.printStackTrace(writer);
    } catch (RuntimeException e) {
      return Exceptions.describe(thrown) + System.lineSeparator(); // its class may belong to a user
    }
    return text.toString();
  }

  @Override
  public void flush() {
    own.flush();
  }

  @Override
  public void close() {
    own.flush();
  }

  /** What a job logs, as the job has written it. */
  private static final class Text extends Formatter {
    @Override
    public String format(LogRecord record) {
      return head(record, this) + System.lineSeparator() + stack(record.getThrown());
    }
  }
}
