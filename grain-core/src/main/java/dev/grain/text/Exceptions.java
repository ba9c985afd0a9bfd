package dev.grain.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads exceptions whose classes may belong to the user, and may throw whatever they are asked. No
 * method here throws.
 */
public final class Exceptions {
  private static final int DEEPEST_CAUSE = 100;
  private static final int BRIEF = 200;

  private Exceptions() {}

  /** Returns what the JVM prints of an exception in front of its stack trace. */
  public static String describe(Throwable thrown) {
    return read(thrown::toString)
        .orElseGet(() -> {
          String message = read(thrown::getMessage).orElse("(its message cannot be read)");
          return thrown.getClass().getName() + ": " + message;
        });
  }

  /** Returns the beginning of what {@link #describe} returns: one line, of a bounded length. */
  public static String brief(Throwable thrown) {
    String line = describe(thrown).lines().findFirst().orElse("").strip();
    return line.length() <= BRIEF ? line : line.substring(0, BRIEF) + "...";
  }

  /**
   * Returns an exception and its causes, the outermost first, as far as they can be read; of a
   * chain that is very long or a cycle, the beginning.
   */
  public static List<Throwable> withCauses(Throwable thrown) {
    List<Throwable> chain = new ArrayList<>();
    Throwable each = thrown;
    while (each != null && chain.size() < DEEPEST_CAUSE) {
      chain.add(each);
      each = read(each::getCause).orElse(null);
    }
    return chain;
  }

  /** Returns what some code of the user returns; empty if that is null, or if the code throws. */
  @SuppressWarnings("CatchThrowable") // the code may do anything
  public static <T> Optional<T> read(Supplier<? extends @Nullable T> code) {
    try {
      return Optional.ofNullable(code.get());
    } catch (Throwable e) {
      return Optional.empty();
    }
  }
}
