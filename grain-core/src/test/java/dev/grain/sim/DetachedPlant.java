package dev.grain.sim;

import dev.grain.dispatch.DetachedStore;
import dev.grain.dispatch.StoredJob;
import dev.grain.head.DetachedClient;
import dev.grain.head.Head;
import dev.grain.node.link.HeadSessions;
import java.util.List;

/** A bug put into a simulation of detached jobs, to see that it is found. */
interface DetachedPlant {
  /** No bug. */
  DetachedPlant NONE = new DetachedPlant() {};

  /** Returns what a head uses in place of its store. */
  default DetachedStore store(DetachedStore store) {
    return store;
  }

  /** Returns what a new life of the head takes, in place of what the store has. */
  default List<StoredJob> load(List<StoredJob> stored) {
    return stored;
  }

  /** The loop of a head has run a task. */
  default void onHeadTask(Head head, DetachedClient client) {}

  /** The loop of a worker has run a task. */
  default void onWorkerTask(HeadSessions sessions) {}
}
