package dev.grain.dispatch;

import dev.grain.Attempt;
import dev.grain.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Where a head keeps what becomes of its detached jobs. Called on the head's loop; must not block.
 *
 * <p>The store answers a call that has a {@code kept} by running it once, on any thread, when what
 * it was told is certain to survive the process; until then the head does not act on it. It may
 * take as long as it likes: while its disk is full, for example, nothing is sent and nothing is
 * final. What is certain is always what came first: if a call is certain, so are all calls before
 * it, even those without an answer that it has not left out.
 */
public interface DetachedStore {
  /** Where a job is that has not ended. */
  enum State {
    /** It is held. */
    HELD,
    /** It is in the queue. */
    QUEUED,
    /** It was sent to a worker. */
    SENT,
    /** A worker makes ready what it needs. */
    PREPARING,
    /** It runs. */
    RUNNING,
    /** It was told to stop. */
    STOPPING,
    /** The worker that may have it is away. */
    AWAITED
  }

  /**
   * An attempt is about to be sent to a worker; it is sent when this is kept.
   *
   * @param job the number of the job
   * @param attempt the number of the attempt; the same one again if another worker has given it
   *     back
   * @param holder the worker
   */
  void onSending(long job, int attempt, StoredJob.Holder holder, Runnable kept);

  /**
   * An attempt has ended without the value of the job, and there is another one. Of the last
   * attempt, the end of the job tells.
   *
   * @param losses how often the job was running when its worker died, by now
   */
  void onAttempt(long job, Attempt ended, int losses, Runnable kept);

  /**
   * A job has ended; called once for it in each life of the head.
   *
   * @param attempt the number of the last attempt
   */
  void onEnd(long job, int attempt, JobEnd end, Runnable kept);

  /**
   * A job is somewhere else. The store may leave this out, but for {@link State#RUNNING}: by that
   * it knows that an attempt has started.
   *
   * @param attempt the number of the attempt under way, or of the next one
   * @param worker the name of the worker that has it; null for none
   */
  void onState(long job, State state, int attempt, @Nullable String worker);

  /**
   * A job has printed something.
   *
   * @param text in UTF-8
   * @param error whether on the error stream
   */
  void onOutput(long job, int attempt, String worker, Bytes text, boolean error);
}
