package dev.grain.node.call;

import org.jspecify.annotations.Nullable;

/** A platform thread for one job after the other. */
final class JobThread extends Thread {
  private final ThreadJobRunner runner;
  // all only accessed by this thread
  private boolean between;
  private @Nullable Execution following;

  JobThread(ThreadJobRunner runner, Runnable task, String name) {
    super(null, task, name, 0, false);
    this.runner = runner;
    setDaemon(true);
  }

  /** Returns whether the runner's job here has ended, so that the given one can be the next. */
  boolean follow(ThreadJobRunner asking, Execution next) {
    boolean follows = between && asking == runner;
    if (follows) {
      between = false;
      following = next;
    }
    return follows;
  }

  /** Runs a job, and those that follow it here. */
  void runAll(Execution first) {
    for (Execution each = first; each != null; each = following) {
      following = null;
      try {
        each.runOnce();
      } finally {
        between = true;
        each.tellEnd();
        between = false;
      }
    }
  }
}
