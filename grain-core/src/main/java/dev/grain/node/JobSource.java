package dev.grain.node;

import dev.grain.bytes.Bytes;
import dev.grain.message.AttemptEnd;
import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Holdings;

/**
 * Where a node gets jobs from, and who is notified of their progress: a link with a head, for
 * example. Called on the node's loop.
 */
public interface JobSource {
  /** Returns whether it cannot take more results for the time being; its jobs then do not start. */
  boolean isCongested();

  /** Returns whether it can take output; what is printed while it cannot is left out. */
  default boolean takesOutput() {
    return !isCongested();
  }

  /** The job has got its slots and starts. */
  void onStarted(NodeJob job, Fractions fractions);

  /**
   * The job has ended, and its slots are free.
   *
   * @param ran how long it ran, in nanoseconds
   */
  void onEnded(NodeJob job, AttemptEnd end, long ran);

  /**
   * What the job needs is being made ready, without slots; called when that begins, and now and
   * then.
   *
   * @param phase what is being done, for people
   */
  default void onPreparing(NodeJob job, String phase) {}

  /** The job is given back; it has not started. */
  void onReturned(NodeJob job);

  /** The node takes no more jobs. */
  void onDraining();

  /**
   * The job does not stop although it was asked to.
   *
   * @param timedOut whether it was asked because of its time limit
   */
  void onNotStopping(NodeJob job, boolean timedOut);

  /**
   * The job has printed something.
   *
   * @param text in UTF-8
   * @param error whether on the error stream
   */
  void onOutput(NodeJob job, Bytes text, boolean error);

  /**
   * The job has printed more than the source could take while it was congested; reported before the
   * next output of the job, or its end.
   *
   * @param bytes how much is missing
   * @param error on which stream it may be reported
   */
  void onOutputLeftOut(NodeJob job, long bytes, boolean error);

  /**
   * What the jobs of other sources hold is this from now on; it agrees with what was reported of
   * the source's own jobs. Sent to sources that are {@linkplain NodeEngine#attach attached}, at the
   * end of a batch.
   *
   * @param barred whether a job that waits, of whichever source, lets no younger one begin
   */
  default void onOthersHold(Holdings holdings, boolean barred) {}

  /**
   * There may be room for jobs; called once after {@link NodeEngine#awaitRoom}. Jobs that are added
   * here start at once if they fit.
   */
  default void onRoom() {}

  /** Everything that was reported since the last call may be sent now. */
  void flush();
}
