package dev.grain;

import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The processes of the job exceeded the memory that the job requested, and were killed, or the JVM
 * of an isolated function exhausted its heap. The message contains the limit, the peak and how to
 * raise the limit; {@link #memoryLimit()} and {@link #peakMemory()} return the amounts. A function
 * in the JVM of a worker fails with a {@link JobFailedException} instead, whose cause is an {@link
 * OutOfMemoryError}.
 */
public final class JobOutOfMemoryException extends JobException {
  private static final long serialVersionUID = 1;

  private final long memoryLimit;
  private final long peakMemory;

  /**
   * Makes the exception.
   *
   * @param job the job
   * @param attempts every try of it
   * @param memoryLimit how many bytes it could use; negative if that is not known
   * @param peakMemory how many bytes its processes used at most; negative if that is not known
   * @param message which job, what happened, what to do
   * @param cause the underlying exception, or null
   */
  public JobOutOfMemoryException(
      JobId job,
      List<Attempt> attempts,
      long memoryLimit,
      long peakMemory,
      String message,
      @Nullable Throwable cause) {
    super(job, attempts, message, cause);
    this.memoryLimit = memoryLimit;
    this.peakMemory = peakMemory;
  }

  /**
   * Returns how many bytes the job could use in its last attempt: what its processes together could
   * have, or the maximum heap of the JVM if a function used that up.
   */
  public OptionalLong memoryLimit() {
    return optional(memoryLimit);
  }

  /**
   * Returns how many bytes of memory the processes of the last attempt used together at most, as
   * far as it was seen; nothing if it was not measured, or if a function used up the heap of its
   * JVM. A control group kills at the limit, so this is rarely more than {@link #memoryLimit()}
   * there; samples may see much more.
   */
  public OptionalLong peakMemory() {
    return optional(peakMemory);
  }

  private static OptionalLong optional(long bytes) {
    return bytes < 0 ? OptionalLong.empty() : OptionalLong.of(bytes);
  }

  @Override
  public Cause cause() {
    return Cause.OUT_OF_MEMORY;
  }
}
