package dev.grain.sim;

import dev.grain.head.Head;
import dev.grain.node.NodeEngine;

/** A bug put into a simulation, to see that it is found. */
interface Plant {
  /** No bug. */
  Plant NONE = new Plant() {};

  /** A node is about to start a job, which holds its slots. */
  default void onStarted(NodeEngine engine, long job) {}

  /** The head loop has run a task. */
  default void onHeadTask(Head head) {}
}
