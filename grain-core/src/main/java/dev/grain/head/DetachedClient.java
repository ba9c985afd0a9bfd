package dev.grain.head;

import dev.grain.Attempt;
import dev.grain.bytes.Bytes;
import dev.grain.dispatch.DetachedStore;
import dev.grain.dispatch.DetachedStore.State;
import dev.grain.dispatch.Dispatch;
import dev.grain.dispatch.JobEnd;
import dev.grain.dispatch.StoredJob;
import dev.grain.message.Message;
import dev.grain.message.Order;
import dev.grain.resource.internal.Demand;
import dev.grain.schedule.Node;
import dev.grain.schedule.ScheduledJob;
import dev.grain.wire.Hello;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a head has of the detached jobs: those that are stored, belong to no program, and go on when
 * the head is started again. Its {@link DetachedStore} learns what becomes of them, and nothing is
 * final before it has answered; see "Detached jobs" in {@code docs/architecture.md}.
 *
 * <p>Unless stated otherwise, its state belongs to the head's loop.
 */
public final class DetachedClient extends JobOwner {
  private final Settings settings;
  private final DetachedStore store;
  private final AwaitedNodes awaited;
  // those that have not ended, or whose end is not kept yet, by their own numbers
  private final Map<Long, DetachedJob> jobs = new HashMap<>();
  private long taken;

  // counted up by any thread
  private final AtomicLong started = new AtomicLong();

  /**
   * What is kept to.
   *
   * @param id the id that all lives of the head have, and the run of the jobs
   * @param patience how many nanoseconds a worker is waited for that may have jobs
   * @param orphans for how many milliseconds workers keep jobs while the head is away
   */
  public record Settings(String id, long patience, long orphans) {
    /** For how long workers keep jobs while the head is away, if nobody says otherwise: an hour. */
    public static final long USUAL_ORPHANS = 3_600_000;

    /** Checks the bounds. */
    public Settings {
      if (id.isEmpty() || patience < 0 || orphans < 0) {
        throw new IllegalArgumentException(
            "The head %s waits for %s ns, and is waited for %s ms: an id, and nothing negative"
                .formatted(id, patience, orphans));
      }
    }
  }

  DetachedClient(
      Head head, Settings settings, DetachedStore store, CodeLibrary library, LoginLibrary logins) {
    super(head, settings.id(), library, logins);
    this.settings = settings;
    this.store = store;
    this.awaited = new AwaitedNodes(head.loop(), settings.patience(), this::onNotBack);
  }

  // ---------------------------------------------------------------- for any thread

  /**
   * Takes a job that is in the store: a new one, or one that an earlier life of the head had; does
   * nothing if it is there already. When the head starts, those of earlier lives have to be taken
   * before workers can join, see {@link #whenTaken}: a worker is asked to stop what nobody knows.
   */
  public void start(StoredJob job) {
    started.incrementAndGet();
    head.submit(new DetachedJob(this, job));
  }

  /** Does something, on the head's loop, when all jobs are taken that were started before. */
  public void whenTaken(Runnable action) {
    awaitTaken(started.get(), action);
  }

  private void awaitTaken(long count, Runnable action) {
    head.post(() -> {
      if (taken >= count) {
        action.run();
      } else {
        awaitTaken(count, action);
      }
    });
  }

  /**
   * Keeps a job from workers until it is resumed. One that was sent and has not started comes back;
   * one that has started goes on, and is held if there is another attempt. Does nothing if it has
   * ended.
   */
  public void hold(long number) {
    change(number, scheduler()::hold);
  }

  /** Lets a job that was held go to workers again; does nothing to others. */
  public void resume(long number) {
    change(
        number,
        job -> {
          boolean wasHeld = scheduler().isHeld(job);
          scheduler().unhold(job);
          if (wasHeld) {
            tellState(job, State.QUEUED);
          }
        });
  }

  /**
   * Ends a job wherever it is; does nothing if it has ended. One whose worker is away ends when the
   * worker is back, or is not waited for any more.
   */
  public void cancel(long number) {
    change(number, scheduler()::cancel);
  }

  /**
   * Has a job matter more or less beside others: at once if it waits, otherwise for its next
   * attempt.
   *
   * @param priority positive and finite
   */
  public void reprioritize(long number, double priority) {
    if (!(priority > 0) || Double.isInfinite(priority)) {
      throw new IllegalArgumentException(
          "The priority of job %s is %s: more than 0, and finite".formatted(number, priority));
    }
    change(number, job -> scheduler().reprioritize(job, priority));
  }

  /** Says why a job is where it is; returns null if it has ended. Waits for a turn of the head. */
  public Dispatch.@Nullable Explanation explain(long number) {
    return head.loop()
        .ask(() -> {
          DetachedJob job = jobs.get(number);
          if (job == null || job.phase() == ScheduledJob.Phase.ENDED) {
            return null;
          }
          scheduler().at(head.loop().now());
          return new Dispatch.Explanation(job.toString(), head.explain(job));
        })
        .orElse(null);
  }

  private void change(long number, Consumer<DetachedJob> action) {
    head.post(() -> {
      DetachedJob job = jobs.get(number);
      if (job != null) {
        head.learnTime();
        action.accept(job);
      }
      head.pass();
    });
  }

  /** Adds to a greeting what the lives of the head have in common. */
  Hello greeting(Hello hello) {
    return hello.withLasting(run(), settings.orphans());
  }

  // ---------------------------------------------------------------- jobs that come

  @Override
  void onSubmitted(HeadJob submitted) {
    taken++;
    DetachedJob job = (DetachedJob) submitted;
    if (jobs.putIfAbsent(job.id(), job) != null) {
      return;
    }
    onSubmitted();
    StoredJob stored = job.takeStored();
    head.learnTime();
    StoredJob.Holder holder = stored.holder();
    Demand demand = stored.template().demand();
    long limit = stored.template().timeLimit();
    if (holder == null) {
      scheduler().submit(job, demand, limit, stored.attempt() + 1);
    } else {
      scheduler()
          .submitAwaited(job, demand, limit, stored.attempt(), holder.worker(), holder.started());
      await(job, holder.incarnation());
    }
    if (stored.held()) {
      scheduler().hold(job);
    }
    if (stored.cancelled()) {
      scheduler().cancel(job);
    }
  }

  private void await(DetachedJob job, String incarnation) {
    if (incarnation.isEmpty()) {
      // the worker in the process of an earlier life: that it ended is no reason to blame the job
      scheduler().awaitedLost(job, false);
    } else if (!awaited.add(incarnation, job)) {
      scheduler().missing(job);
    }
  }

  @Override
  void refuse(HeadJob job, String reason) {
    // it is in the store: the next life of the head takes it
    taken++;
  }

  @Override
  boolean outlivesHead() {
    return true;
  }

  // ---------------------------------------------------------------- what the store learns

  @Override
  boolean defers(HeadJob sent, Node node, Message.ToNode message) {
    DetachedJob job = (DetachedJob) sent;
    DetachedJob.Unsent unsent = job.unsent;
    if (message instanceof Order order) {
      List<Message.ToNode> messages = new ArrayList<>(List.of(order));
      DetachedJob.Unsent waiting = new DetachedJob.Unsent(node, messages);
      job.unsent = waiting;
      NodeSession session = head.session(node);
      String incarnation = session == null ? "" : session.incarnation();
      store.onSending(
          job.id(),
          order.attempt(),
          new StoredJob.Holder(node.name(), incarnation, false),
          () -> head.later(() -> onSendable(job, waiting)));
      return true;
    }
    if (unsent != null && unsent.node() == node) {
      unsent.messages().add(message);
      return true;
    }
    return false;
  }

  private void onSendable(DetachedJob job, DetachedJob.Unsent unsent) {
    if (job.unsent == unsent) {
      job.unsent = null;
      unsent.messages().forEach(message -> head.send(unsent.node(), message));
    }
  }

  /** A job has entered a phase. */
  void onEntered(DetachedJob job, ScheduledJob.Phase phase) {
    onChanged();
    if (phase == ScheduledJob.Phase.QUEUED) {
      tellAttempt(job);
    }
    State state =
        switch (phase) {
          case QUEUED ->
              scheduler().isHeld(job)
                  ? State.HELD
                  : scheduler().isAwaited(job) ? State.AWAITED : State.QUEUED;
          case SENT -> State.SENT;
          case RUNNING -> State.RUNNING;
          case STOPPING -> State.STOPPING;
          case NEW, ENDED -> null;
        };
    if (state != null) {
      tellState(job, state);
    }
  }

  @Override
  void onPreparing(HeadJob job) {
    super.onPreparing(job);
    tellState((DetachedJob) job, State.PREPARING);
  }

  private void tellState(DetachedJob job, State state) {
    store.onState(job.id(), state, job.attempt(), job.nodeName());
  }

  /** A job has printed something. */
  void onPrinted(DetachedJob job, String worker, Bytes text, boolean error) {
    store.onOutput(job.id(), job.attempt(), worker, text, error);
  }

  /** An attempt has ended without the value of the job; the end of the job may follow at once. */
  void onRecorded(DetachedJob job, Attempt ended) {
    job.recorded = ended;
  }

  /** There is another attempt: the store learns of the one that has ended. */
  private void tellAttempt(DetachedJob job) {
    Attempt ended = job.recorded;
    if (ended != null) {
      job.recorded = null;
      DetachedJob.Unkept unkept = await(job, ended.number());
      store.onAttempt(
          job.id(), ended, job.lossCount(), () -> head.later(() -> onKept(job, unkept)));
    }
  }

  @Override
  void onFailedAttempt(HeadJob job, int attempt, JobEnd end) {
    throw new IllegalStateException(job + " asks a program, and has none");
  }

  @Override
  void deliver(HeadJob ended, JobEnd end) {
    DetachedJob job = (DetachedJob) ended;
    if (job.ending || head.isBroken()) {
      return;
    }
    job.ending = true;
    job.recorded = null;
    int attempt = job.attempt();
    DetachedJob.Unkept unkept = await(job, attempt);
    store.onEnd(
        job.id(),
        attempt,
        end,
        () ->
            head.later(() -> {
              onKept(job, unkept);
              jobs.remove(job.id(), job);
              count(job, end);
            }));
  }

  private static DetachedJob.Unkept await(DetachedJob job, int attempt) {
    DetachedJob.Unkept unkept = new DetachedJob.Unkept(attempt, new ArrayList<>(1));
    job.unkept.add(unkept);
    return unkept;
  }

  private void onKept(DetachedJob job, DetachedJob.Unkept unkept) {
    job.unkept.removeIf(each -> each == unkept);
    unkept.toSettle().forEach(session -> settle(session, job.number(), unkept.attempt()));
  }

  // ---------------------------------------------------------------- what nodes have

  /** A node has joined. */
  void onJoined(NodeSession session) {
    awaited.onJoined(session.incarnation());
  }

  /** A node has an attempt, or its end. */
  void onHolding(NodeSession session, Message.Holding holding) {
    DetachedJob job = find(holding.job());
    int attempt = holding.attempt();
    if (job == null || !scheduler().isAwaited(job) || attempt < job.attempt()) {
      onReported(session, holding.job(), attempt);
      return;
    }
    awaited.remove(job);
    Node node = session.node();
    switch (holding.held()) {
      case WAITING -> scheduler().adoptWaiting(node, job, attempt);
      case RUNNING ->
          scheduler().adoptRunning(node, job, attempt, holding.fractions(), holding.ran());
      case ENDED -> scheduler().adoptEnded(node, job, attempt);
    }
  }

  /**
   * A node has named all attempts that it has: what it was thought to have besides is not there.
   */
  void onHoldingAll(NodeSession session) {
    awaited.onComplete(session.incarnation()).forEach(scheduler()::missing);
  }

  /**
   * A node is done with an attempt, or has one that nobody wants: it may forget it when the store
   * has what there is to keep.
   */
  void onReported(NodeSession session, long number, int attempt) {
    if (!isOfDetached(number)) {
      return;
    }
    DetachedJob job = find(number);
    DetachedJob.Unkept unkept = job == null ? null : job.unkept(attempt);
    if (unkept == null) {
      settle(session, number, attempt);
    } else {
      unkept.toSettle().add(session);
    }
  }

  private void settle(NodeSession session, long number, int attempt) {
    head.send(session.node(), new Message.Settled(number, attempt));
  }

  /** Returns how many jobs have not ended, or wait for the store to keep their end. */
  int jobCount() {
    return jobs.size();
  }

  AwaitedNodes awaited() {
    return awaited;
  }

  private static boolean isOfDetached(long number) {
    return number % 2 == 0;
  }

  private @Nullable DetachedJob find(long number) {
    return isOfDetached(number) ? jobs.get(number / 2) : null;
  }

  /** A node is lost. */
  void onLost(NodeSession session, NodeSession.Departure how) {
    String incarnation = session.incarnation();
    if (how == NodeSession.Departure.RETURNING) {
      List<ScheduledJob> returning = scheduler().nodeAway(session.node());
      awaited.onAway(incarnation);
      returning.forEach(job -> await((DetachedJob) job, incarnation));
      return;
    }
    boolean died = how == NodeSession.Departure.DIED;
    scheduler().nodeLost(session.node(), died);
    awaited.onGone(incarnation).forEach(job -> scheduler().awaitedLost(job, died));
  }

  /** A worker has not come back in time. */
  private void onNotBack(List<DetachedJob> those) {
    head.post(() -> {
      head.learnTime();
      those.forEach(job -> scheduler().awaitedLost(job, false));
      head.pass();
    });
  }
}
