package dev.grain.node.call;

import org.jspecify.annotations.Nullable;

/**
 * A platform thread for one job after the other. What a job changes of it is put back before the
 * next one, except for thread locals, which only their owners can remove.
 */
@SuppressWarnings("ThreadPriorityCheck") // it is what it would be without the jobs before
final class JobThread extends Thread {
  private final ThreadJobRunner runner;
  private final String name;
  // all only accessed by this thread
  private boolean between;
  private @Nullable Execution following;

  JobThread(ThreadJobRunner runner, Runnable task, String name) {
    super(null, task, name, 0, false);
    this.runner = runner;
    this.name = name;
    setDaemon(true);
    // and not that of whoever asks for the thread
    setPriority(NORM_PRIORITY);
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

  private void putBack() {
    if (!getName().equals(name)) {
      setName(name);
    }
    if (getPriority() != NORM_PRIORITY) {
      setPriority(NORM_PRIORITY);
    }
    setUncaughtExceptionHandler(null);
  }

  /** Runs a job, and those that follow it here. */
  void runAll(Execution first) {
    for (Execution each = first; each != null; each = following) {
      following = null;
      try {
        each.runOnce();
      } finally {
        putBack();
        between = true;
        each.tellEnd();
        between = false;
      }
    }
  }
}
