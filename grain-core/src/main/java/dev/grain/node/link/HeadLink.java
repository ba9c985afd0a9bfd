package dev.grain.node.link;

import dev.grain.bytes.Bytes;
import dev.grain.message.AttemptEnd;
import dev.grain.message.CodeRef;
import dev.grain.message.Link;
import dev.grain.message.Message;
import dev.grain.message.Order;
import dev.grain.node.CodeAccess;
import dev.grain.node.JobRunner;
import dev.grain.node.JobSource;
import dev.grain.node.NodeEngine;
import dev.grain.node.NodeJob;
import dev.grain.resource.internal.Fractions;
import dev.grain.session.Session;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The node's side of the link with one head: its jobs, and their code. To be used on the node's
 * loop.
 */
public final class HeadLink implements JobSource, Session.Owner<Message.ToNode> {
  /** From how many bytes on a value is large enough to say before that the slots are free. */
  public static final long LARGE_VALUE = Session.Limits.MOST_SMALL;

  private final NodeEngine engine;
  private final JobRunner runner;
  private final CodeAccess code;
  private final long large;

  // all only accessed by the loop
  private @Nullable Link<Message.ToHead> link;
  private final Map<Long, NodeJob> jobs = new HashMap<>();
  // those that wait for their code, by its bundle
  private final SequencedMap<CodeRef, List<NodeJob>> unready = new LinkedHashMap<>();
  // those that have started since the last flush, of which the head was not told
  private final List<NodeJob> newlyStarted = new ArrayList<>();
  private @Nullable Runnable whenLeft;
  private boolean closed;

  /**
   * Makes the node's side of a link.
   *
   * @param engine the engine of the node
   * @param runner runs the jobs of the head
   * @param code has their code
   * @param large from how many bytes on a value takes so long on the link that the head is told
   *     before that the slots are free
   */
  public HeadLink(NodeEngine engine, JobRunner runner, CodeAccess code, long large) {
    this.engine = engine;
    this.runner = runner;
    this.code = code;
    this.large = large;
  }

  /** Sets the way to the head; to be called once, before anything else. */
  public void open(Link<Message.ToHead> link) {
    this.link = link;
    engine.attach(this);
  }

  private Link<Message.ToHead> link() {
    return Objects.requireNonNull(link, "The link is not open");
  }

  private void send(Message.ToHead message) {
    if (whenLeft == null) {
      link().send(message);
    }
  }

  // ---------------------------------------------------------------- what the head says

  @Override
  public void received(Message.ToNode message) {
    switch (message) {
      case Order order -> onOrder(order);
      case Message.TakeBack(long number, int attempt) -> {
        NodeJob job = find(number, attempt);
        if (job != null && (forgetUnready(job) || engine.takeBack(job))) {
          onReturned(job);
        }
      }
      case Message.Stop(long number, int attempt) -> {
        NodeJob job = find(number, attempt);
        if (job != null && forgetUnready(job)) {
          onEnded(job, new AttemptEnd.Cancelled(), 0);
        } else if (job != null) {
          engine.stop(job);
        }
      }
      case Message.CodeContent(Bytes hash, Bytes content) -> code.onContent(hash, content);
      case Message.CodeMissing(Bytes hash, String reason) -> code.onMissing(hash, reason);
      case Message.RunOver _ -> {} // its code goes with the session
    }
  }

  private void onOrder(Order order) {
    NodeJob job = new NodeJob(order, this);
    jobs.put(order.number(), job);
    if (code.isReady(job.order().spec().setting().code())) {
      engine.add(job);
    } else {
      awaitCode(job);
    }
  }

  private void awaitCode(NodeJob job) {
    CodeRef needed = job.order().spec().setting().code();
    List<NodeJob> waiting = unready.get(needed);
    if (waiting == null) {
      waiting = new ArrayList<>();
      unready.put(needed, waiting);
      code.prepare(needed, this::ask, failure -> onPrepared(needed, failure));
    }
    waiting.add(job);
  }

  private void ask(Bytes hash) {
    send(new Message.NeedCode(hash));
    flush();
  }

  private void onPrepared(CodeRef needed, @Nullable AttemptEnd failure) {
    List<NodeJob> waiting = unready.remove(needed);
    if (waiting == null) {
      return;
    }
    for (NodeJob job : waiting) {
      if (failure == null) {
        engine.add(job);
      } else {
        onEnded(job, failure, 0);
      }
    }
    engine.batchEnded();
    flush();
  }

  /** Returns whether the job was waiting for its code, and does so no more. */
  private boolean forgetUnready(NodeJob job) {
    List<NodeJob> waiting = unready.get(job.order().spec().setting().code());
    return waiting != null && waiting.remove(job);
  }

  /** The head asked for something that is too large for this node; its job cannot run here. */
  @Override
  public void refused(Message.ToNode message, long length) {
    if (message instanceof Order order) {
      send(
          new Message.Ended(
              order.number(),
              order.attempt(),
              new AttemptEnd.NotStarted(
                  "its arguments take %,d bytes, more than this worker takes; send less, pass the"
                          .formatted(length)
                      + " name of a file, or give the worker a larger heap"),
              0));
      flush();
    } else if (message instanceof Message.CodeContent content) {
      code.onMissing(
          content.hash(), "It takes %,d bytes, more than this worker takes.".formatted(length));
    }
  }

  /** Lets the engine start what fits, and sends what is to be sent. */
  @Override
  public void batchEnded() {
    engine.batchEnded();
    flush();
  }

  @Override
  public void congestionEnded() {
    engine.batchEnded();
  }

  private @Nullable NodeJob find(long number, int attempt) {
    NodeJob job = jobs.get(number);
    return job != null && job.order().attempt() == attempt ? job : null;
  }

  // ---------------------------------------------------------------- what the node says

  @Override
  public JobRunner runner() {
    return runner;
  }

  /**
   * Tells it with the next flush: of a job that has ended by then, its end says enough. Unless it
   * has a part of a core or a GPU, about which the head is to hear in the order of events.
   */
  @Override
  public void onStarted(NodeJob job, Fractions fractions) {
    job.fractions = fractions;
    if (fractions.equals(Fractions.NONE)) {
      newlyStarted.add(job);
    } else {
      tellStart(job);
    }
  }

  private void tellStart(NodeJob job) {
    Fractions fractions = job.fractions;
    if (fractions != null) {
      job.fractions = null;
      send(
          new Message.Started(
              job.order().number(), job.order().attempt(), fractions.core(), fractions.gpu()));
    }
  }

  @Override
  public void onReturned(NodeJob job) {
    jobs.remove(job.order().number());
    send(new Message.Returned(job.order().number(), job.order().attempt()));
  }

  @Override
  public void onEnded(NodeJob job, AttemptEnd end, long ran) {
    jobs.remove(job.order().number());
    tellWhatWasLeftOut(job, false);
    if (size(end) >= large) {
      tellStart(job);
      send(new Message.Freed(job.order().number(), job.order().attempt(), ran));
    }
    job.fractions = null;
    send(new Message.Ended(job.order().number(), job.order().attempt(), end, ran));
    endIfLeft();
  }

  private static long size(AttemptEnd end) {
    return switch (end) {
      case AttemptEnd.Value(Bytes value) -> value.length();
      case AttemptEnd.Failure(Bytes failure) -> failure.length();
      case AttemptEnd.TimedOut _,
          AttemptEnd.Cancelled _,
          AttemptEnd.NotStarted _,
          AttemptEnd.Unable _ ->
          0;
    };
  }

  @Override
  public void onNotStopping(NodeJob job, boolean timedOut) {
    tellStart(job);
    send(new Message.NotStopping(job.order().number(), job.order().attempt(), timedOut));
  }

  @Override
  public boolean isCongested() {
    return link().isCongested();
  }

  /** Output is not worth waiting for: what comes while the link is congested is left out. */
  @Override
  public void onOutput(NodeJob job, Bytes text, boolean error) {
    if (isCongested()) {
      job.outputLeftOut += text.length();
      return;
    }
    tellStart(job);
    tellWhatWasLeftOut(job, error);
    send(new Message.Output(job.order().number(), job.order().attempt(), text, error));
  }

  private void tellWhatWasLeftOut(NodeJob job, boolean error) {
    if (job.outputLeftOut > 0) {
      Bytes note =
          Bytes.utf8(
              "[... %d bytes of output were left out: the link to the head is too slow ...]\n"
                  .formatted(job.outputLeftOut));
      job.outputLeftOut = 0;
      tellStart(job);
      send(new Message.Output(job.order().number(), job.order().attempt(), note, error));
    }
  }

  @Override
  public void onDraining() {
    send(new Message.Draining());
  }

  @Override
  public void flush() {
    if (!newlyStarted.isEmpty()) {
      newlyStarted.forEach(this::tellStart);
      newlyStarted.clear();
    }
    if (whenLeft == null) {
      link().flush();
    }
  }

  // ---------------------------------------------------------------- the end

  /**
   * The head is gone: its jobs are stopped, and nothing is said to it any more.
   *
   * @param whenLeft called when the last of its jobs has ended and its code is closed
   */
  public void leave(Runnable whenLeft) {
    this.whenLeft = whenLeft;
    unready.values().forEach(waiting -> waiting.forEach(this::onReturned));
    unready.clear();
    engine.stopAll(this);
    engine.batchEnded();
    endIfLeft();
  }

  private void endIfLeft() {
    if (whenLeft != null && jobs.isEmpty() && !closed) {
      closed = true;
      code.close();
      whenLeft.run();
    }
  }
}
