package dev.grain.code;

import java.util.Arrays;
import java.util.IdentityHashMap;

/**
 * What is encoded apart from the object of an exception: the exceptions it refers to, and its stack
 * trace.
 *
 * @param numbers the other exceptions, by number; read only
 * @param frames the stack trace; read only
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record FailureParts(IdentityHashMap<Throwable, Integer> numbers, StackTraceElement[] frames) {
  static final FailureParts NONE =
      new FailureParts(new IdentityHashMap<>(), new StackTraceElement[0]);

  /** Returns what stands for the object, or the object itself. */
  Object replace(Object object) {
    return switch (object) {
      case Throwable each when numbers.containsKey(each) ->
          new JavaOutput.Nested(numbers.get(each));
      case StackTraceElement[] trace when trace.length > 0 && Arrays.equals(trace, frames) ->
          new JavaOutput.Frames();
      default -> object;
    };
  }

  /** Where the same parts are found again. */
  interface Rebuilt {
    Rebuilt NONE =
        new Rebuilt() {
          @Override
          public Throwable failure(int number) {
            return new IllegalStateException("There is no failure " + number);
          }

          @Override
          public StackTraceElement[] frames() {
            return new StackTraceElement[0];
          }
        };

    /** Returns the exception with the number. */
    Throwable failure(int number);

    /** Returns the stack trace. */
    StackTraceElement[] frames();
  }
}
