package dev.grain.head;

import dev.grain.Cause;
import dev.grain.bytes.Bytes;
import dev.grain.dispatch.JobEnd;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Link;
import dev.grain.message.Message;
import dev.grain.resource.internal.Holdings;
import dev.grain.schedule.Node;
import dev.grain.schedule.Scheduler;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The head's side of the link with one node: turns its messages into events of the scheduler. To be
 * used on the head's loop.
 */
public final class NodeSession {
  private final Head head;
  private final Scheduler scheduler;
  private final Node node;
  private final String incarnation;
  private final Link<Message.ToNode> link;
  private final CodeRequests codeRequests;
  private final LoginRequests loginRequests;
  // whether something was sent since the last flush; changed by NodeMessages
  boolean unflushed;
  private boolean lost;
  // whether it is known which detached jobs it has; until then it gets none
  private boolean complete;
  // what the node makes ready for jobs that it has; only accessed by the loop
  private final Map<AttemptOf, String> preparing = new HashMap<>();

  /** An attempt of a job, by its number in messages. */
  private record AttemptOf(long job, int attempt) {}

  /**
   * Makes a session.
   *
   * @param incarnation the id of this life of the worker; empty for the worker in this process
   * @param encrypted whether nobody else can read what goes over the link
   */
  NodeSession(
      Head head, Node node, String incarnation, Link<Message.ToNode> link, boolean encrypted) {
    this.head = head;
    this.scheduler = head.scheduler();
    this.node = node;
    this.incarnation = incarnation;
    this.link = link;
    this.codeRequests = new CodeRequests(head.loop(), head.library(), link);
    this.loginRequests = new LoginRequests(head.loop(), link, node.name(), encrypted, head::logins);
  }

  /** Returns the name of the worker. */
  public String name() {
    return node.name();
  }

  Node node() {
    return node;
  }

  /** Returns the id of this life of the worker; empty for the worker in this process. */
  String incarnation() {
    return incarnation;
  }

  /** Returns whether it is known which detached jobs the node has. */
  boolean isComplete() {
    return complete;
  }

  /** It has just joined. */
  void begin() {
    DetachedClient detached = head.detached();
    complete = detached == null || incarnation.isEmpty();
    if (detached != null) {
      detached.onJoined(this);
    }
    if (!complete) {
      scheduler.suspended(node);
    }
  }

  /** Returns what the node makes ready for a job; null if it does not. */
  @Nullable String preparing(HeadJob job) {
    return preparing.get(new AttemptOf(job.number(), job.attempt()));
  }

  Link<Message.ToNode> link() {
    return link;
  }

  /** Handles a message of the node. */
  public void receive(Message.ToHead message) {
    if (head.isBroken()) {
      return;
    }
    head.learnTime();
    switch (message) {
      case Message.Started started -> onStarted(started);
      case Message.Preparing phase -> onPreparing(phase);
      case Message.Ended ended -> onEnded(ended);
      case Message.Returned returned -> {
        preparing.remove(new AttemptOf(returned.job(), returned.attempt()));
        scheduler.returned(node, returned.job(), returned.attempt());
      }
      case Message.NotStopping refusing ->
          scheduler.notStopping(node, refusing.job(), refusing.attempt(), refusing.timedOut());
      case Message.Output output -> onOutput(output);
      case Message.NeedCode(Bytes hash) -> codeRequests.add(hash);
      case Message.NeedLogin need -> loginRequests.add(need);
      case Message.Freed freed -> scheduler.freed(node, freed.job(), freed.attempt(), freed.ran());
      case Message.Draining _ -> scheduler.draining(node);
      case Message.Holding holding -> onHolding(holding);
      case Message.HoldingAll _ -> onHoldingAll();
      case Message.OthersHold(Holdings holdings, boolean barred) ->
          scheduler.othersHold(node, holdings, barred);
    }
  }

  /**
   * Handles a message of the node whose value is larger than what the head takes.
   *
   * @param message the message, without the value
   * @param length how many bytes the value has
   */
  public void receiveWithout(Message.ToHead message, long length) {
    if (!head.isBroken() && message instanceof Message.Ended ended) {
      head.learnTime();
      HeadJob job = find(ended.job(), ended.attempt());
      String reason = String.format(Locale.ROOT, "its result is %,d bytes", length);
      Scheduler.Verdict verdict = ended(ended, Cause.FAILED, reason);
      act(verdict, job, ended.attempt(), found -> JobEnds.tooLarge(found, length));
      onReported(ended.job(), ended.attempt());
    }
  }

  private void onHolding(Message.Holding holding) {
    DetachedClient detached = head.detached();
    if (detached != null && !complete) {
      detached.onHolding(this, holding);
    }
  }

  private void onHoldingAll() {
    DetachedClient detached = head.detached();
    if (detached != null && !complete) {
      complete = true;
      detached.onHoldingAll(this);
      scheduler.resumed(node);
    }
  }

  /** The end of an attempt was reported, and what follows from it was done. */
  private void onReported(long number, int attempt) {
    DetachedClient detached = head.detached();
    if (detached != null) {
      detached.onReported(this, number, attempt);
    }
  }

  private @Nullable HeadJob find(long number, int attempt) {
    return (HeadJob) node.find(number, attempt);
  }

  private void onPreparing(Message.Preparing message) {
    preparing.put(new AttemptOf(message.job(), message.attempt()), message.phase());
    HeadJob job = find(message.job(), message.attempt());
    if (job != null) {
      job.owner().onPreparing(job);
    }
  }

  private void onStarted(Message.Started started) {
    preparing.remove(new AttemptOf(started.job(), started.attempt()));
    HeadJob job = find(started.job(), started.attempt());
    if (job != null) {
      HeadRecording.started(job, node);
    }
    scheduler.started(node, started.job(), started.attempt(), started.fractions());
  }

  private void onEnded(Message.Ended message) {
    preparing.remove(new AttemptOf(message.job(), message.attempt()));
    HeadJob job = find(message.job(), message.attempt());
    Scheduler.Verdict verdict =
        switch (message.end()) {
          case AttemptEnd.Value _ -> ended(message, null);
          case AttemptEnd.Failure(Bytes _, String words) -> ended(message, Cause.FAILED, words);
          case AttemptEnd.NotStarted(String reason) -> ended(message, Cause.NOT_STARTED, reason);
          case AttemptEnd.TimedOut _ -> ended(message, Cause.TIMED_OUT, "");
          case AttemptEnd.OutOfMemory(String need, long _, long _) ->
              ended(message, Cause.OUT_OF_MEMORY, need);
          case AttemptEnd.Cancelled _ -> ended(message, Cause.CANCELLED, "");
          case AttemptEnd.Unable(String reason) ->
              scheduler.refused(node, message.job(), message.attempt(), reason);
          case AttemptEnd.Unprepared(String reason) ->
              scheduler.unprepared(node, message.job(), message.attempt(), reason);
        };
    act(verdict, job, message.attempt(), found -> JobEnds.of(found, node.name(), message));
    onReported(message.job(), message.attempt());
  }

  private Scheduler.Verdict ended(Message.Ended message, Cause failure, String reason) {
    return ended(message, new Scheduler.Failure(failure, reason));
  }

  private Scheduler.Verdict ended(Message.Ended message, Scheduler.@Nullable Failure failure) {
    return scheduler.ended(node, message.job(), message.attempt(), failure, message.ran());
  }

  private static void act(
      Scheduler.Verdict verdict,
      @Nullable HeadJob job,
      int attempt,
      Function<HeadJob, JobEnd> end) {
    if (job == null) {
      return;
    }
    switch (verdict) {
      case FINAL -> job.owner().deliver(job, end.apply(job));
      case UNDECIDED -> job.owner().onFailedAttempt(job, attempt, end.apply(job));
      case RETRIED, LATE -> {}
    }
  }

  private void onOutput(Message.Output output) {
    HeadJob job = find(output.job(), output.attempt());
    if (job != null) {
      job.printed(node.name(), output.text(), output.error());
    }
  }

  /**
   * Has the worker end; it gets no more jobs.
   *
   * @param stop whether it ends at once, and what it has runs elsewhere
   */
  void drain(boolean stop) {
    change(() -> {
      head.learnTime();
      scheduler.draining(node);
      head.send(node, new Message.Drain(stop));
    });
  }

  /** Nobody knows what becomes of the node: it gets no more jobs; those that it has stay there. */
  public void suspend() {
    change(() -> scheduler.suspended(node));
  }

  /** The node is back, with the jobs that it had. */
  public void resume() {
    if (complete) {
      change(() -> scheduler.resumed(node));
    }
  }

  /** Places what can be placed now; to be called after a batch of messages. */
  public void batchEnded() {
    codeRequests.answer();
    loginRequests.answer();
    head.pass();
  }

  /** What is known of a node that is lost. */
  enum Departure {
    /** Its process has died. */
    DIED,
    /** It is gone, and nobody knows what became of it, or it has left on purpose. */
    GONE,
    /** It will be back with another session, and with the detached jobs that it has. */
    RETURNING
  }

  /** The node is lost; what it had runs again elsewhere, unless it is back with that. */
  void lost(Departure how) {
    if (lost) {
      return;
    }
    lost = true;
    head.onLost(this);
    change(() -> {
      codeRequests.close();
      loginRequests.close();
      head.learnTime();
      DetachedClient detached = head.detached();
      if (detached == null) {
        scheduler.nodeLost(node, how == Departure.DIED);
      } else {
        detached.onLost(this, how);
      }
    });
  }

  private void change(Runnable event) {
    if (!head.isBroken()) {
      event.run();
      head.pass();
    }
  }
}
