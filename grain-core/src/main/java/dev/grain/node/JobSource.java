package dev.grain.node;

import dev.grain.bytes.Bytes;
import dev.grain.message.AttemptEnd;
import dev.grain.resource.internal.Fractions;

/**
 * Where a node gets jobs from, and what it tells about them: a link with a head, for example.
 * Called on the node's loop.
 */
public interface JobSource {
  /** Returns what runs its jobs. */
  JobRunner runner();

  /** Returns whether it cannot take more results for the time being; its jobs then do not start. */
  boolean isCongested();

  /** The job has got its slots and starts. */
  void onStarted(NodeJob job, Fractions fractions);

  /**
   * The job has ended, and its slots are free.
   *
   * @param ran how long it ran, in nanoseconds
   */
  void onEnded(NodeJob job, AttemptEnd end, long ran);

  /** The job is given back; it has not started. */
  void onReturned(NodeJob job);

  /** The node takes no more jobs. */
  void onDraining();

  /**
   * The job does not stop though it was told to.
   *
   * @param timedOut whether it was told because of its time limit
   */
  void onNotStopping(NodeJob job, boolean timedOut);

  /**
   * The job has printed something.
   *
   * @param text in UTF-8
   * @param error whether on the error stream
   */
  void onOutput(NodeJob job, Bytes text, boolean error);

  /** Everything that was told since the last call may be sent now. */
  void flush();
}
