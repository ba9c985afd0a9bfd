package dev.grain.worker;

import java.io.PrintStream;

/**
 * What becomes of what nothing has caught. A thread that ends for want of memory may have been any
 * part of what jobs rely on, so the worker takes no more of them; where it is the worker's own,
 * what it was doing is half done, so the process ends at once.
 */
final class LastResort implements Thread.UncaughtExceptionHandler {
  private final PrintStream err;
  private final Runnable outOfMemory;

  /**
   * Makes a handler.
   *
   * @param err the error stream of the process
   * @param outOfMemory what to do when a thread of a job has ended for want of memory
   */
  LastResort(PrintStream err, Runnable outOfMemory) {
    this.err = err;
    this.outOfMemory = outOfMemory;
  }

  /** Becomes the handler of threads that have none. */
  void install() {
    Thread.setDefaultUncaughtExceptionHandler(this);
  }

  @Override
  public void uncaughtException(Thread thread, Throwable error) {
    if (error instanceof OutOfMemoryError) {
      onOutOfMemory(thread);
    }
    // as the JDK does it; in a thread of a job this is the output of the job
    System.err.print("Exception in thread \"" + thread.getName() + "\" ");
    error.printStackTrace();
  }

  @SuppressWarnings("CatchThrowable") // there may be no memory for anything
  private void onOutOfMemory(Thread thread) {
    try {
      if (thread.getName().startsWith(Worker.THREADS)) {
        err.println("grain-worker: out of memory in the worker itself, which ends it.");
        end();
      }
      outOfMemory.run();
    } catch (Throwable e) {
      end();
    }
  }

  private static void end() {
    Runtime.getRuntime().halt(ExitCode.OUT_OF_MEMORY.number());
  }
}
