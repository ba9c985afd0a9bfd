package dev.grain;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A job did not return a value. One subclass for each {@link Cause}. */
public abstract sealed class JobException extends GrainException
    permits JobCancelledException,
        JobFailedException,
        JobLostException,
        JobNotStartedException,
        JobOutOfMemoryException,
        JobTimedOutException {
  private static final long serialVersionUID = 1;

  private final JobId job;
  private final transient List<Attempt> attempts;

  JobException(JobId job, List<Attempt> attempts, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.job = job;
    this.attempts = List.copyOf(attempts);
  }

  /** Returns the job. */
  public JobId job() {
    return job;
  }

  /** Returns every try of the job, the first one first; empty if none was made. */
  public List<Attempt> attempts() {
    return attempts;
  }

  /** Returns the kind of what went wrong. */
  public abstract Cause cause();
}
