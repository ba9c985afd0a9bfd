package dev.grain.container;

import dev.grain.node.prepare.PreparationException;
import dev.grain.node.process.NotPossible;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A container that runs, and the thread that reads what it prints and waits for its end. For all
 * threads.
 */
final class ContainerRun {
  private final Container container;
  private final DockerEngine engine;
  private final CompletableFuture<Integer> exit = new CompletableFuture<>();

  private ContainerRun(Container container, DockerEngine engine) {
    this.container = container;
    this.engine = engine;
  }

  /**
   * Starts a container; its container is to be removed.
   *
   * @param output gets what it prints, on both streams; closed when it has ended, and if it could
   *     not be started
   * @throws NotPossible if there is no such program in the image, for example
   * @throws PreparationException if the engine could not do it
   */
  static ContainerRun start(Containers all, ContainerPlan plan, ContainerOutput output)
      throws IOException, NotPossible, PreparationException {
    ContainerRun run = new ContainerRun(new Container(all), all.engine());
    Container container = run.container;
    boolean started = false;
    @Nullable Attachment made = null;
    container.enter();
    try {
      Attachment attached = container.start(plan);
      made = attached;
      all.execute(() -> run.await(attached, output));
      started = true;
      return run;
    } catch (RejectedExecutionException e) {
      throw PreparationException.here("The worker is ending.");
    } finally {
      container.leave();
      if (!started) {
        if (made != null) {
          made.close();
        }
        container.remove();
        output.close();
      }
    }
  }

  /** Waits for the end, on a thread of its own. */
  private void await(Attachment attached, ContainerOutput output) {
    container.enter();
    try (output) {
      try (attached) {
        ContainerOutput.readAll(attached.output(), output, output);
      }
      int code = container.awaitExit();
      output.close();
      exit.complete(code);
    } catch (IOException | RuntimeException | Error e) {
      container.killProcess();
      exit.completeExceptionally(
          new IOException(
              "%s failed while it ran the container: %s"
                  .formatted(engine.description(), DockerEngine.reason(e)),
              e));
    } finally {
      container.leave();
    }
  }

  Container container() {
    return container;
  }

  /** Does something when it has ended, on some thread. */
  void whenEnded(Runnable task) {
    var _ = exit.whenComplete((_, _) -> task.run());
  }

  /** Waits for its end; returns whether it has ended in time. */
  boolean awaitEnd(long nanos) throws InterruptedException {
    try {
      exit.get(nanos, TimeUnit.NANOSECONDS);
      return true;
    } catch (ExecutionException e) {
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  /**
   * Returns the exit code of one that has ended.
   *
   * @throws IOException if nobody knows how; the sentence says why
   */
  int code() throws IOException {
    return switch (exit.state()) {
      case SUCCESS -> exit.resultNow();
      case FAILED -> throw new IOException(exit.exceptionNow().getMessage(), exit.exceptionNow());
      case RUNNING, CANCELLED -> throw new IllegalStateException("It has not ended");
    };
  }
}
