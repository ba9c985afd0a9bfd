package dev.grain.node.prepare;

import dev.grain.message.AttemptEnd;
import dev.grain.message.Needs;
import dev.grain.message.Order;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the jobs of one run have ready on a node besides their shipped code; it stays ready until
 * the run is over there. To be used on the node's loop.
 */
final class RunPreparations implements Preparations {
  private static final long BETWEEN_REPORTS_NANOS = 1_000_000_000L;

  private final NodePreparer node;
  private final Logins logins;

  // all only accessed by the loop
  private final Map<Order.Setting, Ready> ready = new HashMap<>();
  private final Map<Order.Setting, Task> tasks = new HashMap<>();
  private boolean closed;

  RunPreparations(NodePreparer node, Logins logins) {
    this.node = node;
    this.logins = logins;
  }

  @Override
  public @Nullable Ready find(Order.Setting setting) {
    return setting.isPrepared() ? ready.get(setting) : Ready.NOTHING;
  }

  @Override
  public void prepare(
      Order.Setting setting, Consumer<String> onPhase, Consumer<@Nullable AttemptEnd> whenDone) {
    Task task = new Task(setting, onPhase, whenDone);
    tasks.put(setting, task);
    try {
      task.future = node.submit(task::run);
    } catch (RejectedExecutionException e) {
      tasks.remove(setting);
      whenDone.accept(new AttemptEnd.Unable("the worker is ending"));
    } catch (OutOfMemoryError e) {
      tasks.remove(setting);
      whenDone.accept(unable("no thread could be started to prepare it: " + e.getMessage()));
    }
  }

  @Override
  public void cancel(Order.Setting setting) {
    Task task = tasks.remove(setting);
    if (task != null && task.future != null) {
      task.future.cancel(true);
    }
  }

  @Override
  public void close() {
    closed = true;
    tasks
        .values()
        .forEach(task -> {
          if (task.future != null) {
            task.future.cancel(true);
          }
        });
    tasks.clear();
    node.letGo(List.copyOf(ready.values()));
    ready.clear();
  }

  /** Returns the end of a job that this node could not prepare, though another one may. */
  private AttemptEnd unable(String reason) {
    return node.sharesProcess()
        ? new AttemptEnd.NotStarted("could not be prepared: " + reason)
        : new AttemptEnd.Unprepared(reason);
  }

  /** Something that is being made ready. */
  private final class Task {
    private final Order.Setting setting;
    private final Consumer<String> onPhase;
    private final Consumer<@Nullable AttemptEnd> whenDone;

    // only accessed by the loop
    private @Nullable Future<?> future;
    // both only accessed by the thread that makes it ready
    private String phase = "";
    private long reportedAt;

    Task(Order.Setting setting, Consumer<String> onPhase, Consumer<@Nullable AttemptEnd> whenDone) {
      this.setting = setting;
      this.onPhase = onPhase;
      this.whenDone = whenDone;
    }

    void run() {
      try {
        ensureKnown();
        Ready made = node.preparer().prepare(setting, logins, this::report);
        post(() -> done(made), made::close);
      } catch (PreparationException e) {
        String why = String.valueOf(e.getMessage());
        end(
            e.isOfThisNode()
                ? unable(why)
                : new AttemptEnd.NotStarted("could not be prepared: " + why));
      } catch (InterruptedException e) {
        end(new AttemptEnd.Cancelled());
      } catch (RuntimeException | Error e) {
        end(unable(e.toString()));
      }
    }

    /** What the program could not look up, nobody can prepare. */
    private void ensureKnown() throws PreparationException {
      Needs needs;
      try {
        needs = Needs.decode(setting.needs());
      } catch (IOException e) {
        throw PreparationException.everywhere(
            "What the job needs cannot be read (" + e.getMessage() + ").");
      }
      if (needs.origin() instanceof Needs.Unknown(String reason)) {
        throw PreparationException.everywhere(reason);
      }
    }

    /** Reports are for people: a new phase at once, and how far it has come every second. */
    private synchronized void report(String what, long done, long total) {
      long now = System.nanoTime();
      if (!what.equals(phase) || now - reportedAt >= BETWEEN_REPORTS_NANOS) {
        phase = what;
        reportedAt = now;
        String text = total > 0 ? what + ", " + 100 * done / total + " %" : what;
        post(
            () -> {
              if (tasks.get(setting) == this) {
                onPhase.accept(text);
              }
            },
            () -> {});
      }
    }

    private void done(Ready made) {
      if (tasks.remove(setting, this) && !closed) {
        ready.put(setting, made);
        whenDone.accept(null);
      } else {
        made.close();
      }
    }

    private void end(AttemptEnd end) {
      post(
          () -> {
            if (tasks.remove(setting, this)) {
              whenDone.accept(end);
            }
          },
          () -> {});
    }

    private void post(Runnable task, Runnable otherwise) {
      if (!node.loop().tryPost(task)) {
        otherwise.run();
      }
    }
  }
}
