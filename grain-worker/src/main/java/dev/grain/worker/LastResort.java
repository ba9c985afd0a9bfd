package dev.grain.worker;

import java.io.PrintStream;

/**
 * What becomes of what nothing has caught. A thread that ends for want of memory may have been any
 * part of what jobs rely on, so the worker takes no more of them; where it is the worker's own,
 * what it was doing is half done, so the process ends at once, whatever the error.
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
    boolean noMemory = error instanceof OutOfMemoryError;
    if (thread.getName().startsWith(Worker.THREADS)) {
      end(error, noMemory ? ExitCode.OUT_OF_MEMORY : ExitCode.FAILED);
    }
    if (noMemory) {
      onOutOfMemory(error);
    }
    // as the JDK does it; in a thread of a job this is the output of the job
    System.err.print("Exception in thread \"" + thread.getName() + "\" ");
    error.printStackTrace();
  }

  @SuppressWarnings("CatchThrowable") // there may be no memory for anything
  private void onOutOfMemory(Throwable error) {
    try {
      outOfMemory.run();
    } catch (Throwable e) {
      end(error, ExitCode.OUT_OF_MEMORY);
    }
  }

  @SuppressWarnings("CatchThrowable") // there may be no memory for a sentence
  private void end(Throwable error, ExitCode code) {
    try {
      err.println("grain-worker: an internal error ends the worker: " + error);
    } catch (Throwable e) {
      // the exit code reports it
    } finally {
      Runtime.getRuntime().halt(code.number());
    }
  }
}
