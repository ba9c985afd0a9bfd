package dev.grain.schedule;

import dev.grain.Cause;
import dev.grain.explain.Reason;

/**
 * The commands of the scheduler. They are given while an event is handled and must not call the
 * scheduler back.
 */
public interface Effects {
  /** Send the job to the node, behind what was sent there before. */
  void run(Node node, ScheduledJob job);

  /** Ask the node to give the job back if it has not started. */
  void takeBack(Node node, ScheduledJob job);

  /** Ask the node to stop the job. */
  void stop(Node node, ScheduledJob job);

  /**
   * Tell the client that the job ends without a reply of a node.
   *
   * @param cause CANCELLED, LOST or NOT_STARTED; TIMED_OUT or CANCELLED for one that does not stop
   */
  void finish(ScheduledJob job, Cause cause, Reason reason);
}
