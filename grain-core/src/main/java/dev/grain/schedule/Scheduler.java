package dev.grain.schedule;

import dev.grain.job.Attempt;
import dev.grain.job.Cause;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Lease;
import dev.grain.resource.internal.Offer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The queue of a run and its placement on nodes. Not safe for use by several threads.
 *
 * <p>Implementation note. Jobs that ask for the same form a class with a queue of its own, so only
 * the first job of each class can be the next one. Two indexes over classes find the oldest class
 * that fits what a node has free: among the queued jobs, and among those that were sent ahead. Two
 * indexes over nodes find the nodes that fit a class now, or when idle. After each pass this holds:
 * no queued job fits any node, except where order forbids it. So only what an event has made
 * <em>dirty</em> needs a look: nodes that may have got room, and classes whose first job is new.
 *
 * <p>A job that is sent takes slots in the accounting at once, or is sent <em>ahead</em> without,
 * bounded by how long jobs take, so that the node has something to start the moment another job
 * ends. The node is the authority: it starts jobs in the order of arrival among those that fit, and
 * reports it; where the accounting had promised the same slots to a job that has not started, that
 * job gets others, or becomes one that was sent ahead. When another node is free, a job that was
 * sent ahead is taken back, while the slots are kept for it there.
 *
 * <p>Overtaking is counted for the oldest job that does not fit: each later job that starts on a
 * node that could have run it. At the bound, a node is reserved: others may use there only what it
 * would leave them. As there is always exactly one oldest job, nobody starves.
 *
 * <p>This class handles the events, and places the queued jobs. {@link RequestClasses} and {@link
 * Nodes} hold the indexes, {@link SentAhead} what becomes of jobs that were sent ahead, {@link
 * Order} the overtaking and the reservation, {@link UnstartedLeases} the slots that a node may give
 * to others.
 */
public final class Scheduler {
  /** How many jobs, from the oldest that waits at a node, may be considered for starting. */
  public static final int LOOKAHEAD = 64;

  /** Losses that count, from which on a job runs alone, and at which it ends. */
  private static final int LOSSES_ALONE = 2;

  private static final int LOSSES_FATAL = 3;

  /** What is taken off the rank of jobs that had started when their node was lost. */
  private static final long FRONT = 1L << 61;

  final Policy policy;
  final Effects effects;
  final KindDimensions kinds = new KindDimensions();
  final IndexQuery query = new IndexQuery(kinds.count());
  final RequestClasses classes;
  final Nodes nodes;
  private final Order order;
  final SentAhead sentAhead;
  final Paused paused = new Paused();
  private final SetAside setAside;

  private long nextRank;
  private long steps;
  int queued;
  int sent;
  int running;
  private long retried;
  private long lostAttempts;
  private long late;

  /**
   * Makes a scheduler without nodes and jobs.
   *
   * @param policy what to keep to
   * @param effects receives the commands
   */
  public Scheduler(Policy policy, Effects effects) {
    this.policy = policy;
    this.effects = effects;
    this.classes = new RequestClasses(policy, kinds);
    this.nodes = new Nodes(policy, kinds, query);
    this.order = new Order(policy, classes, nodes);
    this.sentAhead = new SentAhead(policy, classes, nodes, query, order, effects);
    this.setAside = new SetAside(policy.setAside());
  }

  /**
   * Says what time it is: what follows happens then.
   *
   * @param now in nanoseconds, never less than before
   */
  public void at(long now) {
    query.now = now;
  }

  // ---------------------------------------------------------------- events of clients

  /** Puts a new job without a time limit at the end of the queue. */
  public void submit(ScheduledJob job, Demand demand) {
    submit(job, demand, 0);
  }

  /**
   * Puts a new job at the end of the queue.
   *
   * @param job a job that was not submitted before
   * @param demand what it asks for
   * @param timeLimit how long it may run, in nanoseconds; 0 for no limit
   */
  public void submit(ScheduledJob job, Demand demand, long timeLimit) {
    if (job.phase() != ScheduledJob.Phase.NEW) {
      throw new IllegalStateException(job + " was submitted before");
    }
    job.attempt = 1;
    job.rank = nextRank++;
    Duration soft = demand.softWallTime();
    RequestClass target = classOf(demand, false, soft == null ? timeLimit : soft.toNanos());
    target.unended++;
    job.requestClass = target;
    if (job.cancelled) {
      finish(job, Cause.CANCELLED, "it was cancelled");
    } else {
      enqueue(job);
    }
  }

  /** Ends the job, wherever it is; does nothing if it has ended or was cancelled before. */
  public void cancel(ScheduledJob job) {
    if (job.cancelled || job.phase() == ScheduledJob.Phase.ENDED) {
      return;
    }
    job.cancelled = true;
    switch (job.phase()) {
      case NEW, STOPPING, ENDED -> {}
      case QUEUED -> {
        dequeue(job);
        finish(job, Cause.CANCELLED, "it was cancelled");
      }
      case SENT, RUNNING -> {
        job.enter(ScheduledJob.Phase.STOPPING);
        effects.stop(job.holder(), job);
      }
    }
  }

  /**
   * Ends a job that waits in the queue, as it will never get a node; does nothing to others.
   *
   * @param reason why, in a sentence
   */
  public void abandon(ScheduledJob job, String reason) {
    if (job.phase() == ScheduledJob.Phase.QUEUED) {
      dequeue(job);
      finish(job, job.history().isEmpty() ? Cause.NOT_STARTED : Cause.LOST, reason);
    }
  }

  /**
   * The client has said whether a job runs again that has failed.
   *
   * @param attempt the attempt that failed
   * @return whether this was still to be said; then the job has ended if it does not run again
   */
  public boolean decided(ScheduledJob job, int attempt, boolean again) {
    if (job.attempt != attempt || !paused.isUndecided(job)) {
      return false;
    }
    paused.remove(job);
    queued--;
    if (again) {
      runAgain(job);
    } else {
      job.enter(ScheduledJob.Phase.ENDED);
      forget(job);
    }
    return true;
  }

  // ---------------------------------------------------------------- events of nodes

  /**
   * Adds a node.
   *
   * @param name its name, for people
   * @param offer what it has
   * @param until when it will go away, on the clock of {@link #place}; {@code Long.MAX_VALUE} for
   *     never
   */
  public Node nodeJoined(String name, Offer offer, long until) {
    if (kinds.learn(offer)) {
      widen();
    }
    Node node = nodes.add(name, offer, until);
    open(node);
    nodes.touch(node);
    return node;
  }

  /** Considers the node. */
  private void open(Node node) {
    nodes.open(node);
    for (RequestClass each : classes.all()) {
      if (each.unmeetable && nodes.couldFit(node, each)) {
        each.unmeetable = false;
        classes.onHeadChanged(each);
      }
    }
  }

  /**
   * The worker of a node that has just joined has more than it offers here. So it gets no job
   * without slots, and which core a job has a part of is not taken from its reports.
   */
  public void bounded(Node node) {
    node.bounded = true;
    nodes.updateRoom(node);
  }

  /**
   * Removes a node. Its started jobs run again ahead of all others, the others at their old places.
   *
   * @param died whether it is proven that its process died, so that the loss counts against the
   *     jobs that had started there
   */
  public void nodeLost(Node node, boolean died) {
    if (node.lost) {
      return;
    }
    node.lost = true;
    setAside.remove(node);
    close(node);
    nodes.remove(node);
    // the last one first, so that each finds its place at the front of its queue
    loseAll(node.waiting, node, died);
    loseAll(node.started, node, died);
    endUnmeetable();
  }

  private void loseAll(JobList jobs, Node node, boolean died) {
    for (ScheduledJob job = jobs.last(); job != null; job = jobs.last()) {
      leaveNode(job, node);
      releaseLease(job);
      onLost(job, node, died);
    }
  }

  /**
   * A node takes no more jobs: what it has started goes on, and it gives back the rest by itself.
   */
  public void draining(Node node) {
    boolean open = node.open();
    node.draining = true;
    if (open) {
      close(node);
      endUnmeetable();
    }
  }

  /**
   * Nobody knows what becomes of a node: it gets no more jobs until it is {@linkplain #resumed
   * back}, or lost.
   */
  public void suspended(Node node) {
    boolean open = node.open();
    node.suspended = true;
    if (open) {
      close(node);
    }
  }

  /** A node is back with all that it had. */
  public void resumed(Node node) {
    node.suspended = false;
    if (node.open()) {
      open(node);
      onRoom(node);
    }
  }

  /** Gives a node no jobs for a while, as it could not start several. */
  private void putAside(Node node) {
    boolean open = node.open();
    setAside.add(node, query.now);
    if (open) {
      close(node);
    }
  }

  /** Gives jobs again to those nodes, and has those jobs in the queue, whose time has come. */
  private void resumeDue() {
    for (Node node = setAside.pollDue(query.now);
        node != null;
        node = setAside.pollDue(query.now)) {
      if (node.open()) {
        open(node);
        onRoom(node);
      }
    }
    for (ScheduledJob job = paused.pollDue(query.now);
        job != null;
        job = paused.pollDue(query.now)) {
      queued--;
      enqueue(job);
    }
  }

  /** Considers the node no more. */
  private void close(Node node) {
    nodes.close(node);
    for (RequestClass each : classes.all()) {
      if (!each.unmeetable && !nodes.couldMeet(each)) {
        each.unmeetable = true;
        classes.onHeadChanged(each);
      }
    }
  }

  private void onLost(ScheduledJob job, Node node, boolean died) {
    if (job.phase() == ScheduledJob.Phase.ENDED) {
      forget(job);
      return;
    }
    if (job.cancelled) {
      finish(job, Cause.CANCELLED, "it was cancelled, and " + node.name() + " was lost");
      return;
    }
    if (job.started) {
      lostAttempts++;
      job.record(new Attempt(job.attempt, node.name(), ranSoFar(job), Optional.of(Cause.LOST)));
      // the function of one that has freed its slots cannot have killed the process
      if (died && !job.freed) {
        job.countLoss();
      }
      if (job.losses() >= LOSSES_FATAL) {
        finish(
            job,
            Cause.LOST,
            "it was running on %s when that worker died, the third time this happened"
                .formatted(node.name()));
        return;
      }
      if (job.losses() >= LOSSES_ALONE && !job.alone) {
        becomeAlone(job);
      }
      if (job.rank >= 0) {
        job.rank -= FRONT;
      }
    }
    job.attempt++;
    enqueue(job);
  }

  private Duration ranSoFar(ScheduledJob job) {
    return job.started ? Duration.ofNanos(query.now - job.startedAt) : Duration.ZERO;
  }

  private void becomeAlone(ScheduledJob job) {
    job.alone = true;
    RequestClass former = job.requestClass();
    RequestClass alone = classOf(former.demand(), true, former.time());
    alone.unended++;
    job.requestClass = alone;
    leaveClass(former);
  }

  /**
   * A node has started a job.
   *
   * @param fractions which core and which GPU it has a part of
   * @return whether the report was expected; if not it is counted as late
   */
  public boolean started(Node node, long number, int attempt, Fractions fractions) {
    ScheduledJob job = node.find(number, attempt);
    if (job == null || job.started) {
      late++;
      return false;
    }
    SentAhead.countOvertakingAt(node, job);
    leaveWaiting(job, node);
    if (job.lease == null) {
      sentAhead.countOvertakingBy(job, node);
    }
    boolean exact =
        job.lease != null && job.destination == null && node.stands(job.lease, fractions);
    if (exact) {
      node.promises.remove(job);
    } else {
      Node holder = job.releaseLease();
      if (holder != null && holder != node) {
        onRoom(holder);
      }
      job.lease = takeReported(node, job, fractions);
    }
    job.started = true;
    job.startedAt = query.now;
    node.started.addLast(job);
    sent--;
    running++;
    if (job.phase() == ScheduledJob.Phase.SENT) {
      job.enter(ScheduledJob.Phase.RUNNING);
    }
    onRoom(node);
    return true;
  }

  /**
   * The function of a job has ended on its node and its slots are free there; its end follows when
   * its large value has arrived. Until then it counts as running.
   *
   * @param ran how long it ran, in nanoseconds
   */
  public void freed(Node node, long number, int attempt, long ran) {
    ScheduledJob job = node.find(number, attempt);
    if (job == null || !job.started || job.freed) {
      late++;
      return;
    }
    job.freed = true;
    node.freedCount++;
    node.observe(ran);
    releaseLease(job);
  }

  /** What becomes of a job whose attempt has ended. */
  public enum Verdict {
    /** Its end is to be delivered. */
    FINAL,
    /** It runs again. */
    RETRIED,
    /** Its client is to say whether it runs again, by {@link Scheduler#decided}. */
    UNDECIDED,
    /** Its end was delivered before, or nobody expects it. */
    LATE
  }

  /**
   * A node has ended a job. One that has started and ended before the node said so needs no report
   * of its start.
   *
   * @param failure why it did not return a value; null if it did
   * @param ran how long it ran, in nanoseconds
   */
  public Verdict ended(Node node, long number, int attempt, @Nullable Cause failure, long ran) {
    ScheduledJob job = onEnd(node, number, attempt, failure, ran);
    if (job == null) {
      return Verdict.LATE;
    }
    if (failure != null) {
      job.record(new Attempt(attempt, node.name(), Duration.ofNanos(ran), Optional.of(failure)));
    }
    boolean retry =
        (failure == Cause.FAILED || failure == Cause.TIMED_OUT)
            && !job.cancelled
            && job.failures() < job.retries().most();
    if (!retry) {
      job.enter(ScheduledJob.Phase.ENDED);
      forget(job);
      return Verdict.FINAL;
    }
    if (job.retries().asks()) {
      leaveAttempt(job);
      job.enter(ScheduledJob.Phase.QUEUED);
      queued++;
      paused.ask(job);
      return Verdict.UNDECIDED;
    }
    runAgain(job);
    return Verdict.RETRIED;
  }

  /** Has a job run again that has failed, at once or later. */
  private void runAgain(ScheduledJob job) {
    retried++;
    job.countFailure();
    job.attempt++;
    long delay = job.retries().delay(job.failures());
    if (delay == 0) {
      enqueue(job);
      return;
    }
    leaveAttempt(job);
    job.enter(ScheduledJob.Phase.QUEUED);
    queued++;
    paused.delay(job, query.now + delay);
  }

  /**
   * A node could not start a job, for a reason of its own. The job runs elsewhere or later, without
   * blame, until that was so too often; a node that fails several in a row is set aside.
   *
   * @param reason why, in a sentence
   */
  public Verdict refused(Node node, long number, int attempt, String reason) {
    boolean aside = !policy.closed() && SetAside.countRefusal(node, reason);
    ScheduledJob job = onEnd(node, number, attempt, Cause.NOT_STARTED, 0);
    if (aside) {
      putAside(node);
    }
    if (job == null) {
      return Verdict.LATE;
    }
    job.record(new Attempt(attempt, node.name(), Duration.ZERO, Optional.of(Cause.NOT_STARTED)));
    int times = job.countRefusal(node.name(), reason);
    if (job.cancelled) {
      finish(job, Cause.CANCELLED, "it was cancelled");
      return Verdict.LATE;
    }
    if (policy.closed() || times >= mostRefusals()) {
      job.enter(ScheduledJob.Phase.ENDED);
      forget(job);
      return Verdict.FINAL;
    }
    job.attempt++;
    enqueue(job);
    return Verdict.RETRIED;
  }

  /** As many as all nodes together make before each is set aside, and two tries after that. */
  private int mostRefusals() {
    return SetAside.REFUSALS * Math.max(1, nodes.count()) + 2;
  }

  /**
   * An attempt has left its node.
   *
   * @return its job; null if its end was delivered before, or nobody expects it
   */
  private @Nullable ScheduledJob onEnd(
      Node node, long number, int attempt, @Nullable Cause failure, long ran) {
    ScheduledJob job = node.find(number, attempt);
    if (job == null) {
      late++;
      return null;
    }
    boolean hasRun = failure == null || failure == Cause.FAILED || failure == Cause.TIMED_OUT;
    boolean unreported = hasRun && !job.started;
    if (unreported) {
      SentAhead.countOvertakingAt(node, job);
    }
    leaveNode(job, node);
    if (unreported && job.lease == null) {
      sentAhead.countOvertakingBy(job, node);
    }
    if (hasRun) {
      SetAside.forgive(node);
    }
    if (!job.freed && (job.started || hasRun)) {
      node.observe(ran);
    }
    if (sentAhead.handOver(job, node)) {
      onRoom(node);
    } else {
      Node holder = job.releaseLease();
      if (holder != null && holder != node) {
        onRoom(holder);
      }
      onRoom(node);
    }
    if (job.phase() == ScheduledJob.Phase.ENDED) {
      forget(job);
      return null;
    }
    return job;
  }

  /** A node has given a job back without having started it. */
  public void returned(Node node, long number, int attempt) {
    ScheduledJob job = node.find(number, attempt);
    if (job == null || job.started) {
      late++;
      return;
    }
    Node destination = job.destination;
    leaveNode(job, node);
    onRoom(node);
    if (job.cancelled) {
      releaseLease(job);
      finish(job, Cause.CANCELLED, "it was cancelled");
    } else if (destination != null) {
      destination.promises.remove(job);
      job.destination = null;
      destination.promises.add(job);
      send(job, destination);
    } else {
      releaseLease(job);
      enqueue(job);
    }
  }

  /** A node says that a job does not stop; it keeps its slots until it ends. */
  public void notStopping(Node node, long number, int attempt, boolean timedOut) {
    ScheduledJob job = node.find(number, attempt);
    if (job == null || job.phase() == ScheduledJob.Phase.ENDED) {
      late++;
      return;
    }
    Cause cause = timedOut && !job.cancelled ? Cause.TIMED_OUT : Cause.CANCELLED;
    job.record(new Attempt(attempt, node.name(), ranSoFar(job), Optional.of(cause)));
    job.enter(ScheduledJob.Phase.ENDED);
    effects.finish(
        job,
        cause,
        "it ignores the interrupt on %s and keeps its slots until it ends".formatted(node.name()));
  }

  // ---------------------------------------------------------------- placement

  /**
   * Places what can be placed.
   *
   * @param now the time in nanoseconds, never less than before
   * @param decisions how many decisions to take at most
   * @return whether there may be more to do
   */
  public boolean place(long now, int decisions) {
    at(now);
    resumeDue();
    order.dropImpossibleReservation();
    for (int left = decisions; left > 0; left--) {
      boolean more = policy.strict() ? placeFirst() : placeNext();
      if (!more) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns when {@link #place} is to be called again, if nothing else happens before; {@code
   * Long.MAX_VALUE} for never.
   */
  public long nextDue() {
    return Math.min(paused.firstDue(), setAside.firstDue());
  }

  /** Places the first job of the queue if it fits. */
  private boolean placeFirst() {
    steps++;
    int leaf = classes.queued.first();
    Node target = leaf < 0 ? null : nodeFor(classes.at(leaf));
    if (target == null) {
      forgetDirty();
      return false;
    }
    place(classes.at(leaf).head(), target);
    return true;
  }

  private @Nullable Node nodeFor(RequestClass requestClass) {
    Node reserved = reservedFor(requestClass.head());
    return reserved == null ? nodes.best(requestClass) : reserved;
  }

  /** Returns the node that is reserved for the job, if it fits there now; null if not. */
  private @Nullable Node reservedFor(ScheduledJob job) {
    Node node = nodes.reservedNode;
    boolean fits =
        node != null
            && nodes.reservedJob == job
            && node.slots.fits(job.requestClass().demand(), job.alone);
    return fits ? node : null;
  }

  private void forgetDirty() {
    sentAhead.displaced.clear();
    for (Node node = nodes.dirty.poll(); node != null; node = nodes.dirty.poll()) {
      node.dirty = false;
    }
    for (int leaf = classes.dirty.first(); leaf >= 0; leaf = classes.dirty.first()) {
      classes.dirty.clear(leaf);
    }
  }

  private boolean placeNext() {
    Node node = nodes.dirty.peekFirst();
    if (node != null) {
      placeOn(node);
      return true;
    }
    int leaf = classes.dirty.first();
    if (leaf < 0) {
      return sentAhead.placeDisplaced();
    }
    RequestClass dirtyClass = classes.at(leaf);
    if (!placeFrom(dirtyClass)) {
      classes.dirty.clear(leaf);
    }
    return true;
  }

  /** Finds a job for a node that may have got room, or finds that there is none. */
  private void placeOn(Node node) {
    steps++;
    ScheduledJob job = candidate(node);
    if (job != null) {
      boolean alternatives =
          nodes.dirty.size() > 1 || classes.dirty.contains(job.requestClass().leaf);
      Node better = alternatives ? nodes.best(job.requestClass()) : null;
      place(job, better == null ? node : better);
      return;
    }
    nodes.dirty.removeFirst();
    node.dirty = false;
    fillAhead(node);
    sentAhead.steal(node);
  }

  /** Finds a node for the first job of a class, and returns whether it did. */
  private boolean placeFrom(RequestClass dirtyClass) {
    steps++;
    Node target = nodes.best(dirtyClass);
    if (target != null) {
      place(dirtyClass.head(), target);
      return true;
    }
    Node roomy = sentAhead.roomyNodeFor(dirtyClass);
    if (roomy != null) {
      sendAhead(dirtyClass.head(), roomy);
    }
    return roomy != null;
  }

  /** The oldest queued job that may start on the node now. */
  private @Nullable ScheduledJob candidate(Node node) {
    ScheduledJob reserved = nodes.reservedJob;
    if (reserved != null && reservedFor(reserved) == node) {
      return reserved;
    }
    if (nodes.barred(node)) {
      return null;
    }
    int leaf = classes.queued.firstFit(query.fittingIn(node.visible), Long.MIN_VALUE);
    return leaf < 0 ? null : classes.at(leaf).head();
  }

  /** Takes slots for the job and sends it; one that nobody wants ends instead. */
  private void place(ScheduledJob job, Node node) {
    if (job.isGivenUp()) {
      cancel(job);
      return;
    }
    Lease lease = node.take(job.requestClass());
    dequeue(job);
    job.lease = lease;
    node.promises.add(job);
    sentAhead.countOvertakingBy(job, node);
    send(job, node);
  }

  private void send(ScheduledJob job, Node node) {
    job.node = node;
    job.enter(ScheduledJob.Phase.SENT);
    sent++;
    node.sent.add(job);
    node.waiting.addLast(job);
    effects.run(node, job);
    nodes.refresh(node);
    nodes.updateRoom(node);
  }

  // ---------------------------------------------------------------- jobs sent ahead

  /** Sends jobs ahead to the node as far as it has room for such. */
  private void fillAhead(Node node) {
    while (node.roomy) {
      steps++;
      int leaf = classes.queued.firstFit(query.fittingIn(node.ever), Long.MIN_VALUE);
      if (leaf < 0) {
        return;
      }
      RequestClass oldest = classes.at(leaf);
      Node free = classes.dirty.contains(leaf) ? nodes.best(oldest) : null;
      if (free != null) {
        place(oldest.head(), free);
      } else if (order.mayGoAhead(oldest.head())) {
        sendAhead(oldest.head(), node);
      } else {
        return;
      }
    }
  }

  private void sendAhead(ScheduledJob job, Node node) {
    if (job.isGivenUp()) {
      cancel(job);
      return;
    }
    dequeue(job);
    sentAhead.add(job, node);
    send(job, node);
    nodes.goBehind(node);
  }

  // ---------------------------------------------------------------- bookkeeping

  private void enqueue(ScheduledJob job) {
    RequestClass requestClass = job.requestClass();
    leaveAttempt(job);
    if (requestClass.unmeetable && policy.closed()) {
      finish(job, Cause.NOT_STARTED, whyUnmeetable(requestClass));
      return;
    }
    job.enter(ScheduledJob.Phase.QUEUED);
    queued++;
    ScheduledJob last = requestClass.queue.last();
    if (last == null || last.rank < job.rank) {
      requestClass.queue.addLast(job);
    } else {
      steps += requestClass.queue.addFromFront(job);
    }
    if (requestClass.queue.first() == job) {
      classes.onHeadChanged(requestClass);
    }
  }

  private static void leaveAttempt(ScheduledJob job) {
    job.node = null;
    job.started = false;
    job.freed = false;
  }

  void dequeue(ScheduledJob job) {
    if (job.paused) {
      paused.remove(job);
      queued--;
      return;
    }
    RequestClass requestClass = job.requestClass();
    boolean wasHead = requestClass.queue.first() == job;
    boolean mayFit = classes.dirty.contains(requestClass.leaf) || !order.mayGoAhead(job);
    requestClass.queue.remove(job);
    queued--;
    order.dropReservation(job);
    if (!wasHead) {
      return;
    }
    if (mayFit) {
      classes.onHeadChanged(requestClass);
    } else {
      // where the first job did not fit, the next one does not either
      classes.updateQueued(requestClass);
    }
  }

  private void leaveWaiting(ScheduledJob job, Node node) {
    node.waiting.remove(job);
    sentAhead.remove(job, node);
  }

  private void leaveNode(ScheduledJob job, Node node) {
    node.sent.remove(job);
    if (job.started) {
      running--;
      node.started.remove(job);
      node.freedCount -= job.freed ? 1 : 0;
    } else {
      sent--;
      leaveWaiting(job, node);
    }
    nodes.updateRoom(node);
  }

  private void releaseLease(ScheduledJob job) {
    Node holder = job.releaseLease();
    if (holder != null) {
      onRoom(holder);
    }
  }

  /** Takes the slots that the node says the job has, if need be from jobs that have not started. */
  private Lease takeReported(Node node, ScheduledJob job, Fractions fractions) {
    List<ScheduledJob> unseated = node.unseatFor(job, fractions);
    steps += unseated.size();
    Lease lease = node.slots.takeAt(job.requestClass().demand(), job.alone, fractions);
    int left = Nodes.CANDIDATES;
    for (ScheduledJob victim : unseated.reversed()) {
      if (left-- <= 0 || !node.reseat(victim)) {
        sentAhead.onDisplaced(victim, node);
      }
    }
    return lease;
  }

  private void finish(ScheduledJob job, Cause cause, String reason) {
    job.enter(ScheduledJob.Phase.ENDED);
    forget(job);
    effects.finish(job, cause, reason);
  }

  private void forget(ScheduledJob job) {
    job.node = null;
    leaveClass(job.requestClass());
  }

  private void leaveClass(RequestClass requestClass) {
    if (classes.leave(requestClass)) {
      sentAhead.displaced.remove(requestClass);
    }
  }

  private RequestClass classOf(Demand demand, boolean alone, long time) {
    RequestClass known = classes.find(demand, alone, time);
    if (known != null) {
      return known;
    }
    if (kinds.learn(demand)) {
      widen();
    }
    RequestClass added = classes.add(new RequestClass.Key(demand, alone, time));
    added.unmeetable = !nodes.couldMeet(added);
    return added;
  }

  private void widen() {
    query.widen(kinds.count());
    classes.widen();
    nodes.widen();
  }

  private void endUnmeetable() {
    if (!policy.closed()) {
      return;
    }
    for (RequestClass each : List.copyOf(classes.all())) {
      if (each.unmeetable) {
        for (ScheduledJob job : each.queue.toList()) {
          dequeue(job);
          finish(job, Cause.NOT_STARTED, whyUnmeetable(each));
        }
      }
    }
  }

  private String whyUnmeetable(RequestClass requestClass) {
    List<String> offers =
        nodes
            .all()
            .filter(Node::open)
            .limit(Nodes.CANDIDATES)
            .map(node -> "%s offers %s".formatted(node.name(), node.offer()))
            .toList();
    return "it asks for %s, which no worker could ever meet (%s)"
        .formatted(requestClass.demand(), offers.isEmpty() ? "none" : String.join("; ", offers));
  }

  /** After slots became free: first those that wait there get them, as the node itself does. */
  private void onRoom(Node node) {
    if (node.open()) {
      sentAhead.promote(node);
      nodes.touch(node);
    }
  }

  // ---------------------------------------------------------------- what can be seen

  /** Returns all jobs that have not ended: those at nodes first, then the queued ones. */
  public List<ScheduledJob> unended() {
    List<ScheduledJob> jobs = new ArrayList<>();
    nodes
        .all()
        .flatMap(node -> Stream.of(node.started, node.waiting))
        .flatMap(list -> list.toList().stream())
        .filter(job -> job.phase() != ScheduledJob.Phase.ENDED)
        .forEach(jobs::add);
    for (RequestClass each : classes.all()) {
      jobs.addAll(each.queue.toList());
    }
    jobs.addAll(paused.all());
    return jobs;
  }

  /** Returns the first job that waits, or is at a node, of which this holds; null if none does. */
  public @Nullable ScheduledJob find(Predicate<? super ScheduledJob> wanted) {
    ScheduledJob atNode =
        nodes
            .all()
            .flatMap(node -> Stream.of(node.started, node.waiting))
            .flatMap(list -> list.toList().stream())
            .filter(wanted)
            .findFirst()
            .orElse(null);
    if (atNode != null) {
      return atNode;
    }
    for (RequestClass each : classes.all()) {
      for (ScheduledJob job = each.queue.first(); job != null; job = job.next) {
        if (wanted.test(job)) {
          return job;
        }
      }
    }
    return paused.all().stream().filter(wanted).findFirst().orElse(null);
  }

  /**
   * Says why a job is where it is: the rest of a sentence that begins with the job. It looks at
   * some of the nodes and jobs only, so it takes little time.
   */
  public String explain(ScheduledJob job) {
    return new Explanation(this, job).words();
  }

  /** Returns the nodes that take jobs. */
  public List<Node> nodes() {
    return nodes.all().filter(Node::open).toList();
  }

  /** Returns how many jobs are where. */
  public Counts counts() {
    return new Counts(queued, sent, running, retried, lostAttempts, late);
  }

  /**
   * Returns how many jobs, classes, nodes and inner nodes of indexes have been visited so far: the
   * work done, independent of the machine.
   */
  public long steps() {
    return steps + classes.steps() + nodes.steps() + sentAhead.steps();
  }

  /**
   * Checks what must hold between two events; it looks at everything.
   *
   * @throws IllegalStateException if something does not hold
   */
  public void checkInvariants() {
    new Invariants(this).check();
  }
}
