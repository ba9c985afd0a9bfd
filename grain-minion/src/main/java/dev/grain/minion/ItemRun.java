package dev.grain.minion;

import dev.grain.minion.QueueEngine.Delivery;
import dev.grain.minion.Workplace.End;
import dev.grain.minion.Workplace.Started;
import dev.grain.minion.report.MinionEvent.Action;
import dev.grain.text.Exceptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An item from its delivery to its end: the setup, the job and the teardown. Code of the program
 * runs on a virtual thread, and never on that of the loop, which extends the leases of the others;
 * without any, there is none.
 */
final class ItemRun {
  private final Minion.Settings settings;
  private final Workplace workplace;
  final Delivery delivery;
  final long generation;
  final double start;

  /** When it was taken, by System.nanoTime. */
  final long taken = System.nanoTime();

  private final boolean reported;

  // the following are written by one thread after another: the loop, that of the hooks, the loop

  /** What was done, if that is reported. */
  final List<Action> actions;

  double processed;
  @Nullable Parameter parameter;

  // both only accessed by the loop
  long extended = taken;
  int index = -1;

  // guarded by this
  private @Nullable Started started;
  private boolean stopped;

  ItemRun(
      Minion.Settings settings,
      Workplace workplace,
      Delivery delivery,
      long generation,
      double asked) {
    this.settings = settings;
    this.workplace = workplace;
    this.delivery = delivery;
    this.generation = generation;
    this.start = asked;
    this.reported = settings.isReported();
    this.actions = reported ? new ArrayList<>() : List.of();
    note("next", asked);
  }

  /** Returns the time in seconds since 1970, if anybody is told of it. */
  private double time() {
    return reported ? MinionCall.now() : 0;
  }

  /** Notes that something was done until now, if that is reported; returns the time. */
  private double note(String name, double from) {
    double now = time();
    if (reported) {
      actions.add(new Action(name, from, now));
    }
    return now;
  }

  /** Returns the item as it is in the queue. */
  String text() {
    return new String(delivery.value(), StandardCharsets.UTF_8);
  }

  /**
   * Starts it.
   *
   * @param onEnd receives its end, on any thread
   */
  void start(Consumer<End> onEnd) {
    Parameter item = parameter;
    if (item == null) {
      throw new IllegalStateException("not decoded");
    }
    Consumer<Parameter> setup = settings.setup;
    if (setup == null && settings.teardownKo == null && !workplace.startsByCode()) {
      process(item, onEnd);
    } else {
      var _ =
          Thread.ofVirtual()
              .name("grain-minion-setup")
              .start(() -> {
                if (setup == null || isSetUp(setup, item, onEnd)) {
                  process(item, onEnd);
                  workplace.flush();
                }
              });
    }
  }

  private boolean isSetUp(Consumer<Parameter> setup, Parameter item, Consumer<End> onEnd) {
    double from = time();
    End.@Nullable Failed failed = null;
    try {
      setup.accept(item);
    } catch (RuntimeException | Error e) {
      failed = new End.Failed(e, Exceptions.describe(e));
    }
    note("setup", from);
    if (failed != null) {
      tearDown(item, failed, onEnd);
    }
    return failed == null;
  }

  private void process(Parameter item, Consumer<End> onEnd) {
    double from = time();
    Started job =
        workplace.start(
            item,
            end -> {
              processed = note("process", from);
              tearDown(item, end, onEnd);
            });
    synchronized (this) {
      started = job;
      if (!stopped) {
        return;
      }
    }
    job.stop();
  }

  /** On a thread that may block. */
  private void tearDown(Parameter item, End end, Consumer<End> onEnd) {
    Consumer<Parameter> ok = settings.teardownOk;
    BiConsumer<Parameter, Throwable> ko = settings.teardownKo;
    End changed = end;
    try {
      switch (end) {
        case End.Done _ -> {
          if (ok != null) {
            ok.accept(item);
          }
        }
        case End.Failed(Throwable why, String _) -> {
          if (ko != null) {
            ko.accept(item, why);
          }
        }
        case End.Impossible _, End.NotStarted _, End.Stopped _ -> {}
      }
    } catch (RuntimeException | Error e) {
      changed = new End.Failed(e, "The teardown failed: " + Exceptions.describe(e));
    }
    onEnd.accept(changed);
  }

  /** Returns whether its job runs, or has run. */
  synchronized boolean hasBegun() {
    return started != null && started.hasBegun();
  }

  /** Returns whether its job waits for slots. */
  synchronized boolean isWaiting() {
    return started != null && !stopped && !started.hasBegun();
  }

  /** Stops its job; its end follows. */
  void stop() {
    Started job;
    synchronized (this) {
      stopped = true;
      job = started;
    }
    if (job != null) {
      job.stop();
    }
  }
}
