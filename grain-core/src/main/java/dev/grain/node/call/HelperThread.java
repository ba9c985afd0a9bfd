package dev.grain.node.call;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;

/** A thread that runs parts of one job, as if the job had started it. */
final class HelperThread extends ForkJoinWorkerThread {
  private final Execution job;

  HelperThread(ForkJoinPool pool, Execution job, String name) {
    super(null, pool, true);
    this.job = job;
    setName(name);
  }

  @Override
  @SuppressWarnings("DoNotCall") // this is the thread itself
  public void run() {
    job.help(super::run);
  }
}
