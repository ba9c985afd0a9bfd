package dev.grain.node;

import dev.grain.message.AttemptEnd;
import dev.grain.message.CodeRef;
import dev.grain.message.Order;
import dev.grain.node.prepare.Ready;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The way of the jobs of one run from their source to the engine: what they need is made ready, and
 * meanwhile they wait here, without slots.
 *
 * <p>To be used on the node's loop.
 */
public final class Intake {
  private final NodeEngine engine;
  private final Equipment equipment;
  private final CodeAccess.Ask ask;

  // all only accessed by the loop
  private JobSource source;
  private final SequencedMap<CodeRef, List<NodeJob>> unready = new LinkedHashMap<>();
  // those whose code is ready, and something else is not
  private final SequencedMap<Order.Setting, List<NodeJob>> unprepared = new LinkedHashMap<>();
  // what is being done for these
  private final Map<Order.Setting, String> phases = new HashMap<>();
  // what was found to be ready last; most jobs need what the one before needed
  private @Nullable CodeRef lastReady;

  /**
   * Makes an intake for the jobs of a run.
   *
   * @param source where they come from
   * @param equipment what they need; whoever has made it closes it
   * @param ask asks the source for code that is missing, on the loop
   */
  public Intake(NodeEngine engine, JobSource source, Equipment equipment, CodeAccess.Ask ask) {
    this.engine = engine;
    this.source = source;
    this.equipment = equipment;
    this.ask = ask;
  }

  NodeEngine engine() {
    return engine;
  }

  JobSource source() {
    return source;
  }

  Runners runners() {
    return equipment.runners();
  }

  /**
   * Takes a job of this intake: the engine gets it as soon as what it needs is ready. If that
   * cannot be made ready, its source is notified of its end.
   */
  public void take(NodeJob job) {
    CodeRef code = job.order().spec().setting().code();
    if (code == lastReady) {
      takeWithCode(job);
    } else if (equipment.code().isReady(code)) {
      lastReady = code;
      takeWithCode(job);
    } else {
      await(code, job);
    }
  }

  private void takeWithCode(NodeJob job) {
    Order.Setting setting = job.order().spec().setting();
    Ready ready = equipment.preparations().find(setting);
    if (ready == null) {
      awaitPrepared(setting, job);
    } else {
      job.ready = ready;
      engine.add(job);
    }
  }

  private void awaitPrepared(Order.Setting setting, NodeJob job) {
    List<NodeJob> waiting = unprepared.get(setting);
    if (waiting != null) {
      waiting.add(job);
      source.onPreparing(job, phases.getOrDefault(setting, ""));
      return;
    }
    List<NodeJob> made = new ArrayList<>(List.of(job));
    unprepared.put(setting, made);
    onPhase(setting, "waiting for other preparations");
    equipment
        .preparations()
        .prepare(
            setting,
            phase -> {
              onPhase(setting, phase);
              source.flush();
            },
            failure -> {
              phases.remove(setting);
              onReady(unprepared.remove(setting), failure);
            });
  }

  private void onPhase(Order.Setting setting, String phase) {
    phases.put(setting, phase);
    unprepared.getOrDefault(setting, List.of()).forEach(job -> source.onPreparing(job, phase));
  }

  private void await(CodeRef code, NodeJob job) {
    List<NodeJob> waiting = unready.get(code);
    if (waiting == null) {
      waiting = new ArrayList<>();
      unready.put(code, waiting);
      equipment.code().prepare(code, ask, failure -> onReady(unready.remove(code), failure));
    }
    waiting.add(job);
  }

  private void onReady(@Nullable List<NodeJob> waiting, @Nullable AttemptEnd failure) {
    if (waiting == null) {
      return;
    }
    for (NodeJob job : waiting) {
      if (failure == null) {
        takeWithCode(job);
      } else {
        source.onEnded(job, failure, 0);
      }
    }
    engine.batchEnded();
    source.flush();
  }

  /**
   * Removes a job that has not started.
   *
   * @return whether it had not
   */
  public boolean takeBack(NodeJob job) {
    return forget(job) || engine.takeBack(job);
  }

  /** Stops a job: one that has not started ends at once, another one is interrupted. */
  public void stop(NodeJob job) {
    if (forget(job)) {
      source.onEnded(job, new AttemptEnd.Cancelled(), 0);
    } else {
      engine.stop(job);
    }
  }

  /**
   * Has the jobs of this intake come from another source from now on, which is notified of what
   * becomes of them; of what has become of them before, it must know.
   *
   * @param jobs those that have not ended
   */
  public void moveTo(JobSource other, Collection<? extends NodeJob> jobs) {
    source = other;
    engine.move(jobs, other);
  }

  /**
   * Has one job be of another source, and stops it.
   *
   * @param other is notified of its end alone
   */
  public void disown(NodeJob job, JobSource other) {
    if (forget(job)) {
      other.onEnded(job, new AttemptEnd.Cancelled(), 0);
    } else {
      engine.move(List.of(job), other);
      engine.stop(job);
    }
  }

  /** Gives back the jobs that wait here. */
  public void giveBackAll() {
    List<List<NodeJob>> all = new ArrayList<>(unready.values());
    all.addAll(unprepared.values());
    unready.clear();
    unprepared.keySet().forEach(equipment.preparations()::cancel);
    unprepared.clear();
    phases.clear();
    all.forEach(waiting -> waiting.forEach(source::onReturned));
  }

  /** Returns whether the job was waiting here, and does so no more. */
  private boolean forget(NodeJob job) {
    if (unready.isEmpty() && unprepared.isEmpty()) {
      return false;
    }
    Order.Setting setting = job.order().spec().setting();
    List<NodeJob> waiting = unready.get(setting.code());
    return (waiting != null && waiting.remove(job)) || forgetPrepared(setting, job);
  }

  /** What nobody waits for any more is not prepared. */
  private boolean forgetPrepared(Order.Setting setting, NodeJob job) {
    List<NodeJob> waiting = unprepared.get(setting);
    if (waiting == null || !waiting.remove(job)) {
      return false;
    }
    if (waiting.isEmpty()) {
      unprepared.remove(setting);
      phases.remove(setting);
      equipment.preparations().cancel(setting);
    }
    return true;
  }
}
