package dev.grain.sim;

import dev.grain.dispatch.Dispatch;
import dev.grain.dispatch.OutcomeLog;
import dev.grain.head.Head;
import dev.grain.message.Message;
import dev.grain.message.Order;
import dev.grain.node.NodeEngine;

/** A bug put into a simulation, to see that it is found. */
interface Plant {
  /** No bug. */
  Plant NONE = new Plant() {};

  /** A node is about to start a job, which holds its slots. */
  default void onStarted(NodeEngine engine, long job) {}

  /** A node asks a running job to stop; it will kill it after the grace, if it can be. */
  default void onStop(NodeEngine engine, Order order) {}

  /** The grace of a job is over; on the loop of its node, which kills it if it can be. */
  default void onGraceOver(NodeEngine engine, Order order) {}

  /** Returns how many jobs head and nodes let overtake the oldest one, in place of the bound. */
  default int overtaking(int bound) {
    return bound;
  }

  /** Returns what a program uses in place of its journal. */
  default OutcomeLog log(OutcomeLog journal) {
    return journal;
  }

  /** The head loop has run a task. */
  default void onHeadTask(Head head) {}

  /** A session goes on over another connection; on the head's loop. */
  default void onResumed(Head head, String node) {}

  /**
   * The head is about to be notified of the end of an attempt, or would if it still cared; on its
   * loop.
   */
  default void onEnd(Head head, Dispatch.Ticket job, Message.Ended end) {}
}
