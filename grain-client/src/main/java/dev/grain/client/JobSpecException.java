package dev.grain.client;

import java.util.List;
import java.util.stream.Collectors;

/** Thrown if a text describes no jobs: it has every mistake that was found. */
public final class JobSpecException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient List<Problem> problems;

  JobSpecException(List<Problem> problems) {
    super(
        problems.stream().map(Problem::toString).collect(Collectors.joining("\n")),
        null,
        false,
        false);
    this.problems = List.copyOf(problems);
  }

  /** Returns the mistakes, in the order of the text; at least one, and at most 100. */
  public List<Problem> problems() {
    return problems;
  }
}
