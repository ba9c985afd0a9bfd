package dev.grain.worker;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;

/**
 * What a worker logs, and where.
 *
 * @param level the least important events that are logged
 * @param file what they are appended to, null for the error stream of the process
 */
record LogOptions(Threshold level, @Nullable Path file) {
  /** Returns whether the stack of each exception is logged. */
  boolean withStacks() {
    return level.compareTo(Threshold.DEBUG) >= 0;
  }

  /** The levels, by the names that SLF4J has for them, the most important first. */
  enum Threshold {
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE;

    /** Returns its name in the JDK's logging. */
    Level level() {
      return switch (this) {
        case ERROR -> Level.SEVERE;
        case WARN -> Level.WARNING;
        case INFO -> Level.INFO;
        case DEBUG -> Level.FINE;
        case TRACE -> Level.FINEST;
      };
    }

    /** Returns the name for a level of the JDK's logging. */
    static Threshold of(Level level) {
      return Arrays.stream(values())
          .filter(each -> level.intValue() >= each.level().intValue())
          .findFirst()
          .orElse(TRACE);
    }
  }
}
