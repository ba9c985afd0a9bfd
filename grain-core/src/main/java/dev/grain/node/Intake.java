package dev.grain.node;

import dev.grain.message.AttemptEnd;
import dev.grain.message.CodeRef;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
  private final JobSource source;
  private final Equipment equipment;
  private final CodeAccess.Ask ask;

  // all only accessed by the loop
  private final SequencedMap<CodeRef, List<NodeJob>> unready = new LinkedHashMap<>();
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
      engine.add(job);
    } else if (equipment.code().isReady(code)) {
      lastReady = code;
      engine.add(job);
    } else {
      await(code, job);
    }
  }

  private void await(CodeRef code, NodeJob job) {
    List<NodeJob> waiting = unready.get(code);
    if (waiting == null) {
      waiting = new ArrayList<>();
      unready.put(code, waiting);
      equipment.code().prepare(code, ask, failure -> onPrepared(code, failure));
    }
    waiting.add(job);
  }

  private void onPrepared(CodeRef code, @Nullable AttemptEnd failure) {
    List<NodeJob> waiting = unready.remove(code);
    if (waiting == null) {
      return;
    }
    for (NodeJob job : waiting) {
      if (failure == null) {
        engine.add(job);
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

  /** Gives back the jobs that wait here. */
  public void giveBackAll() {
    List<List<NodeJob>> all = List.copyOf(unready.values());
    unready.clear();
    all.forEach(waiting -> waiting.forEach(source::onReturned));
  }

  /** Returns whether the job was waiting here, and does so no more. */
  private boolean forget(NodeJob job) {
    if (unready.isEmpty()) {
      return false;
    }
    List<NodeJob> waiting = unready.get(job.order().spec().setting().code());
    return waiting != null && waiting.remove(job);
  }
}
