package dev.grain.node.call;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import org.jspecify.annotations.Nullable;

/**
 * A platform thread for one job after the other. What a job changes of it is put back before the
 * next one, except for thread locals: they are cleared when the thread goes idle, and only their
 * owners can remove them before.
 */
@SuppressWarnings("ThreadPriorityCheck") // it is what it would be without the jobs before
final class JobThread extends ForkJoinWorkerThread {
  private final JobPool jobs;
  private final String name;
  // all only accessed by this thread
  private boolean between;
  private @Nullable Execution following;

  JobThread(JobPool jobs, ForkJoinPool pool, String name) {
    super(null, pool, false);
    this.jobs = jobs;
    this.name = name;
    setName(name);
    // and not that of whoever asks for the thread
    setPriority(NORM_PRIORITY);
  }

  /** Returns whether a job of the runner has ended here, so that the given one can be the next. */
  boolean follow(ThreadJobRunner asking, Execution next) {
    boolean follows = between && jobs.isOf(asking);
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
    try {
      for (Execution each = first; each != null; each = following) {
        following = null;
        runOne(each);
      }
    } finally {
      jobs.release();
    }
  }

  private void runOne(Execution job) {
    jobs.begin(job);
    try {
      job.runOnce();
    } finally {
      putBack();
      between = jobs.end(this);
      job.tellEnd();
      between = false;
    }
  }
}
