package dev.grain;

import org.jspecify.annotations.Nullable;

/**
 * Stands for an exception of a job that could not be rebuilt here, because its class is unknown, it
 * cannot be encoded, or it throws when it is read here. It has the stack trace, the causes and the
 * suppressed exceptions of the original.
 *
 * <p>One that is suppressed in an exception of a job, without a stack trace of its own, has the
 * message that it had where it was thrown, if its message is different here.
 */
public final class RemoteException extends GrainException {
  private static final long serialVersionUID = 1;

  /** The name of the original's class. */
  private final String className;

  /**
   * Makes the exception.
   *
   * @param className the name of the original's class
   * @param message what the JVM prints of the original behind the name of its class
   * @param cause the original's cause, itself possibly a stand-in
   */
  public RemoteException(String className, @Nullable String message, @Nullable Throwable cause) {
    super(message == null ? className : className + ": " + message, cause);
    this.className = className;
  }

  /** Returns the name of the class of the original exception. */
  public String className() {
    return className;
  }
}
