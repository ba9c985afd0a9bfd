package dev.grain.service.event;

import dev.grain.service.store.Jobs;
import dev.grain.service.store.StoredJob;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Tells that a job has changed, and what it is now. Several changes in short time may be told by
 * one event. Shared by all listeners, for any thread.
 */
public final class JobEvent {
  private final long number;
  private final Jobs.Labelled job;

  // set by any thread, always to the same
  private volatile byte @Nullable [] text;

  JobEvent(long number, Jobs.Labelled job) {
    this.number = number;
    this.job = job;
  }

  /** Returns the number of the latest of the changes. */
  long number() {
    return number;
  }

  Jobs.Labelled labelled() {
    return job;
  }

  /**
   * Returns the job as text, which is made once for all listeners.
   *
   * @param writing makes the text, each time the same way; the bytes are not to be changed
   */
  public byte[] text(Function<StoredJob, byte[]> writing) {
    byte[] made = text;
    if (made == null) {
      made = writing.apply(job.job());
      text = made;
    }
    return made;
  }
}
