package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ObjectInputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Failures whose classes throw when they are read or rebuilt: each arrives all the same. */
@ExtendWith(NothingLeft.class)
final class HostileFailureTest {
  private static final String SAID = ParseFailed.class.getName() + ": cannot parse bad";

  /** Makes its message of what does not travel. */
  static final class ParseFailed extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient StringBuilder input;

    ParseFailed(String input) {
      this.input = new StringBuilder(input);
    }

    @Override
    public String getMessage() {
      return "cannot parse " + input.toString();
    }
  }

  /** Throws whatever it is asked. */
  static final class Silent extends RuntimeException {
    private static final long serialVersionUID = 1;

    @Override
    public String getMessage() {
      throw new IllegalStateException("no message");
    }

    @Override
    public synchronized Throwable getCause() {
      throw new StackOverflowError();
    }
  }

  /** A value that cannot be rebuilt. */
  static final class Unreadable implements java.io.Serializable {
    private static final long serialVersionUID = 1;

    private void readObject(ObjectInputStream in) {
      throw new AssertionError("not here");
    }
  }

  /** An input that throws when it is printed. */
  record Unprintable(boolean bad) {
    @Override
    public String toString() {
      throw new StackOverflowError();
    }
  }

  static int parse(String text) {
    if (text.startsWith("bad")) {
      throw new ParseFailed(text);
    }
    return text.length();
  }

  static Object unreadableUnless(boolean good) {
    return good ? 1 : new Unreadable();
  }

  static int failIf(Unprintable input) {
    if (input.bad()) {
      throw new IllegalArgumentException("bad");
    }
    return 1;
  }

  @Test
  void exec_throwsWhatTheFailureSaidWhereItWasThrown() {
    try (var grain = GrainExecutor.open()) {
      Job<Integer> job = grain.submit(cpu(1), HostileFailureTest::parse, "bad 1");

      assertThatThrownBy(job::result)
          .isInstanceOf(JobFailedException.class)
          .hasMessage("Job 1 failed on local: " + SAID + " 1");
      assertThatThrownBy(() -> job.toFuture().join()).hasRootCauseMessage(SAID + " 1");
      assertThat(job.outcome()).isInstanceOf(Outcome.Failure.class);
      assertThat(job.explain()).isEqualTo("Job 1 failed on local: " + SAID + " 1.");
    }
  }

  @Test
  void map_keepsTheResultsOfTheOthers() {
    try (var grain = GrainExecutor.open()) {
      assertThatThrownBy(
              () -> grain.map(cpu(1), HostileFailureTest::parse, List.of("good", "bad 2", "fine")))
          .isInstanceOfSatisfying(
              MapException.class, e -> assertThat(e.successes()).containsOnlyKeys(0L, 2L))
          .hasMessageContaining(SAID + " 2");
    }
  }

  @Test
  void map_whereAResultCannotBeRebuilt_keepsTheOthers() {
    try (var grain = GrainExecutor.open()) {
      assertThatThrownBy(
              () -> grain.map(cpu(1), HostileFailureTest::unreadableUnless, List.of(true, false)))
          .isInstanceOfSatisfying(
              MapException.class, e -> assertThat(e.successes()).containsOnlyKeys(0L))
          .hasMessageContaining("AssertionError: not here");
    }
  }

  @Test
  void map_whereAnInputCannotBePrinted_keepsTheOthers() {
    List<Unprintable> inputs = List.of(new Unprintable(true), new Unprintable(false));
    try (var grain = GrainExecutor.open()) {
      assertThatThrownBy(() -> grain.map(cpu(1), HostileFailureTest::failIf, inputs))
          .isInstanceOfSatisfying(
              MapException.class, e -> assertThat(e.successes()).containsOnlyKeys(1L))
          .hasMessageContaining("input 0 (a " + Unprintable.class.getName() + "): Job 1 failed");
    }
  }

  @Test
  void group_thatCollects_closesAndHasTheOutcomes() {
    List<?> outcomes =
        Grain.runCombine(() -> {
          WaitGroup group =
              Grain.openWaitGroup(GroupOptions.defaults().onFailure(FailurePolicy.COLLECT));
          try (group) {
            group.submit(cpu(1), HostileFailureTest::parse, "bad 3");
            group.submit(cpu(1), HostileFailureTest::parse, "good");
          }
          return group.outcomes();
        });
    assertThat(outcomes).hasSize(2);
  }

  @Test
  void subtask_thatThrowsWhatThrowsWhenItIsRead_isNamed() {
    assertThatThrownBy(() ->
            Grain.runCombine(() -> {
              try (var group = Grain.openWaitGroup()) {
                group.start(() -> {
                  throw new Silent();
                });
              }
            }))
        .isInstanceOf(SubtaskFailedException.class)
        .hasMessageContaining(Silent.class.getName() + ": (its message cannot be read)");
  }

  @Test
  void subtask_thatThrowsThatWhenItIsCancelled_ends() {
    List<Subtask<?>> cancelled = new ArrayList<>();
    assertThatThrownBy(() ->
            Grain.runCombine(() -> {
              try (var group = Grain.openWaitGroup()) {
                cancelled.add(group.start(HostileFailureTest::untilInterrupted));
                group.start(() -> {
                  throw new IllegalArgumentException("first");
                });
              }
            }))
        .isInstanceOf(SubtaskFailedException.class)
        .hasMessageContaining("first");
    assertThat(cancelled.getFirst().outcome()).isInstanceOf(Outcome.Failure.class);
  }

  private static Object untilInterrupted() {
    try {
      Signal.create().await();
    } catch (InterruptedException e) {
      // the group is cancelled
    }
    throw new Silent();
  }

  @Test
  void retryOn_isGivenTheClassWhereItCanBeRead() {
    try (var grain = GrainExecutor.open()) {
      Job<Object> job =
          grain.submit(
              JobOptions.of(cpu(1)).retries(1).retryOn(e -> e instanceof NullPointerException),
              HostileFailureTest::throwNullPointer);
      assertThatThrownBy(job::result)
          .hasMessageContaining("\" is null")
          .satisfies(e ->
              assertThat(e.getCause())
                  .isExactlyInstanceOf(NullPointerException.class)
                  .hasMessageContaining("\" is null"));
      assertThat(job.attempts()).hasSize(2);
    }
  }

  @SuppressWarnings({"ReturnValueIgnored", "NullAway"}) // it is to throw
  static Object throwNullPointer() {
    Object[] nothing = {null};
    Object first = nothing[0];
    return first.hashCode();
  }
}
