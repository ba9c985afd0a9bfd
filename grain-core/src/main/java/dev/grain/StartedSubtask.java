package dev.grain;

import dev.grain.text.Exceptions;
import org.jspecify.annotations.Nullable;

/** A subtask as the program holds it. */
final class StartedSubtask<R extends @Nullable Object> extends Member implements Subtask<R> {
  private final Group group;
  private final int number;

  StartedSubtask(Group group, int number) {
    this.group = group;
    this.number = number;
  }

  /** How a subtask ended. */
  private sealed interface End {
    record Returned(@Nullable Object value) implements End {}

    record Threw(Throwable thrown) implements End {}

    record NotRun(GroupCancelledException reason) implements End {}
  }

  void returned(@Nullable Object value) {
    endWith(new End.Returned(value));
  }

  void threw(Throwable thrown) {
    endWith(new End.Threw(thrown));
  }

  /** Ends it as one that was not run, unless it has ended. */
  void notRun(GroupCancelledException reason) {
    endWith(new End.NotRun(reason));
  }

  @Override
  @SuppressWarnings("unchecked") // the function that was started returns an R
  public R result() {
    return switch ((End) await("the result of " + this)) {
      case End.Returned(Object value) -> (R) value;
      case End.Threw(Throwable thrown) -> throw toException(thrown);
      case End.NotRun(GroupCancelledException reason) ->
          throw new GroupCancelledException(String.valueOf(reason.getMessage()), reason.getCause());
    };
  }

  @Override
  @SuppressWarnings("unchecked") // the function that was started returns an R
  public Outcome<R> outcome() {
    return switch ((End) await("the end of " + this)) {
      case End.Returned(Object value) -> new Outcome.Success<>((R) value);
      case End.Threw(Throwable thrown) -> new Outcome.Failure<>(thrown);
      case End.NotRun(GroupCancelledException reason) -> new Outcome.Cancelled<>(reason);
    };
  }

  /** Returns a new exception for what the subtask threw. */
  RuntimeException toException(Throwable thrown) {
    return thrown instanceof JobException error
        ? JobErrors.again(error)
        : new SubtaskFailedException(
            "Subtask %s of %s failed: %s".formatted(number, group, Exceptions.describe(thrown)),
            thrown);
  }

  @Override
  @Nullable RuntimeException givenUp() {
    return group.givenUp();
  }

  @Override
  public String toString() {
    return "subtask " + number + " of " + group;
  }
}
