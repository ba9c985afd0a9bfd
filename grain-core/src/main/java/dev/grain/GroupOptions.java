package dev.grain;

import dev.grain.text.Durations;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Options of a wait group. Immutable: each method returns a changed copy. */
public final class GroupOptions {
  private static final GroupOptions DEFAULTS =
      new GroupOptions("", FailurePolicy.FAIL_FAST, null, false);

  private final String name;
  private final FailurePolicy failurePolicy;
  private final @Nullable Duration timeout;
  private final boolean discardsResults;

  private GroupOptions(
      String name,
      FailurePolicy failurePolicy,
      @Nullable Duration timeout,
      boolean discardsResults) {
    this.name = Objects.requireNonNull(name, "name is null");
    this.failurePolicy = Objects.requireNonNull(failurePolicy, "failurePolicy is null");
    this.timeout = timeout;
    this.discardsResults = discardsResults;
  }

  /** Returns the default options. */
  public static GroupOptions defaults() {
    return DEFAULTS;
  }

  /** Sets the name of the group, which messages show. */
  public GroupOptions named(String name) {
    return new GroupOptions(name, failurePolicy, timeout, discardsResults);
  }

  /** Sets what the group does when something in it fails; {@code FAIL_FAST} by default. */
  public GroupOptions onFailure(FailurePolicy policy) {
    return new GroupOptions(name, policy, timeout, discardsResults);
  }

  /**
   * Sets a time limit, after which the group is cancelled; its {@code close()} then throws a {@code
   * GroupCancelledException}.
   *
   * @param timeout more than zero, counted from the opening of the group
   * @throws IllegalArgumentException if it is zero or negative
   */
  public GroupOptions timeout(Duration timeout) {
    if (!timeout.isPositive()) {
      throw new IllegalArgumentException("timeout is not positive: " + Durations.readable(timeout));
    }
    return new GroupOptions(name, failurePolicy, timeout, discardsResults);
  }

  /**
   * Discards each job when it has ended, so that the group can run any number of jobs in bounded
   * memory; {@code results()} and {@code outcomes()} are then not available. A {@code Job} that the
   * program keeps still has its result.
   */
  public GroupOptions discardResults() {
    return new GroupOptions(name, failurePolicy, timeout, true);
  }

  String name() {
    return name;
  }

  FailurePolicy failurePolicy() {
    return failurePolicy;
  }

  @Nullable Duration timeLimit() {
    return timeout;
  }

  boolean discardsResults() {
    return discardsResults;
  }
}
