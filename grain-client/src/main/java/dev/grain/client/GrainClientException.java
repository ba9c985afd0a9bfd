package dev.grain.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Thrown if a head has not done what a {@link GrainClient} asked for. The message says what
 * happened and what to do.
 */
public final class GrainClientException extends RuntimeException {
  /** The {@link #type} if nothing answers at the address of the head, or the answer was lost. */
  public static final String UNREACHABLE = "unreachable";

  /** The {@link #type} if what answers is not the head that is trusted. */
  public static final String UNTRUSTED = "untrusted";

  /** The {@link #type} if what answers is no head, or one of an unknown version. */
  public static final String UNEXPECTED = "unexpected";

  private static final long serialVersionUID = 1;

  private final String type;
  private final int status;
  private final transient List<Problem> problems;

  GrainClientException(
      String type, int status, String message, List<Problem> problems, @Nullable Throwable cause) {
    super(message, cause);
    this.type = type;
    this.status = status;
    this.problems = List.copyOf(problems);
  }

  /**
   * Returns what went wrong, for programs: one of the constants, or what docs/rest.md lists without
   * the prefix {@code urn:grain:problem:}, such as {@code not-found}, {@code unauthenticated},
   * {@code forbidden} or {@code conflict}.
   */
  public String type() {
    return type;
  }

  /** Returns whether this is what went wrong. */
  public boolean is(String otherType) {
    return type.equals(otherType);
  }

  /** Returns the status of HTTP with which the head has answered; 0 if it has not. */
  public int status() {
    return status;
  }

  /** Returns the mistakes in the jobs that were sent, with their places; often none. */
  public List<Problem> problems() {
    return problems;
  }
}
