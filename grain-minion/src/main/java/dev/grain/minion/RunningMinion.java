package dev.grain.minion;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** A minion that works. Its methods may be called by any thread. */
public final class RunningMinion {
  private final MinionLoop loop;
  private final Thread thread;
  private final CompletableFuture<MinionResult> end = new CompletableFuture<>();

  private RunningMinion(MinionLoop loop) {
    this.loop = loop;
    this.thread = Thread.ofPlatform().daemon().name("grain-minion").unstarted(this::run);
  }

  /**
   * Starts one; the queue is opened by the calling thread, and used by another one from then on.
   */
  static RunningMinion start(
      MinionWork work,
      Minion.Settings settings,
      Room room,
      QueueProvider provider,
      QueueAddress address)
      throws QueueException {
    QueueEngine queue = provider.open(address, settings.queueSettings);
    RunningMinion minion;
    try {
      minion = new RunningMinion(new MinionLoop(work, settings, room, queue));
    } catch (RuntimeException e) {
      queue.close();
      throw e;
    }
    minion.thread.start();
    return minion;
  }

  private void run() {
    try {
      end.complete(loop.run());
    } catch (Throwable e) {
      end.completeExceptionally(e);
    }
  }

  /**
   * Takes no more items, gives back those that have not begun, and waits for those that run, within
   * the grace of the minion; then it stops and gives back these as well. Returns at once.
   */
  public void stop() {
    loop.stop();
  }

  /**
   * Waits until the minion has ended, and returns what it has done.
   *
   * @throws QueueException if the queue could not be used any more
   * @throws InterruptedException if the thread is interrupted; the minion is stopped, and has ended
   *     when this is thrown
   */
  public MinionResult await() throws QueueException, InterruptedException {
    boolean interrupted = false;
    while (true) {
      try {
        MinionResult result = end.get();
        if (interrupted) {
          throw new InterruptedException("The minion was stopped: " + result);
        }
        return result;
      } catch (InterruptedException e) {
        if (end.isDone()) {
          throw e;
        }
        interrupted = true;
        stop();
      } catch (ExecutionException e) {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
        switch (e.getCause()) {
          case QueueException failure ->
              throw new QueueException(String.valueOf(failure.getMessage()), failure);
          case RuntimeException failure ->
              throw new IllegalStateException(String.valueOf(failure.getMessage()), failure);
          case Error failure -> throw new IllegalStateException("The minion failed", failure);
          case null, default -> throw new IllegalStateException("The minion failed", e);
        }
      }
    }
  }
}
