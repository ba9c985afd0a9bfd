package dev.grain;

import org.jspecify.annotations.Nullable;

/**
 * The wait group was cancelled, so it takes no more jobs: by a failure in it, which is the cause,
 * by {@code cancel()}, or by a group around it.
 */
public final class GroupCancelledException extends GrainException {
  private static final long serialVersionUID = 1;

  /**
   * Makes the exception.
   *
   * @param message which group, and why
   * @param cause the failure that cancelled the group, if one did
   */
  public GroupCancelledException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
