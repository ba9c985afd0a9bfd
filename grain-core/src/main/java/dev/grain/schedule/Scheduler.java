package dev.grain.schedule;

import dev.grain.Cause;
import dev.grain.explain.Reason;
import dev.grain.explain.Situation;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Holdings;
import dev.grain.resource.internal.Offer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The queue of a run and its placement on nodes. Not safe for use by several threads.
 *
 * <p>Implementation note. Which job goes first is a number, its rank, which {@link Ranks} gives by
 * the order of the queue; <em>older</em> means of a lower rank here. Jobs of a line that ask for
 * the same form a class with a queue of its own, so only the first job of each class can be the
 * next one. Two indexes over classes find the oldest class that fits what a node has free: among
 * the queued jobs, and among those that were sent ahead. Two indexes over nodes find the nodes that
 * fit a class now, or when idle. After each pass this holds: no queued job fits any node, except
 * where order forbids it. So only what an event has made <em>dirty</em> needs a look: nodes that
 * may have got room, and classes whose first job is new.
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
 * <p>This class is the door: it hands each event to the room whose state it changes. {@link
 * JobQueue} has the jobs that wait here and ends jobs, {@link Placer} places them, {@link
 * Assignments} has the jobs that are at nodes, {@link SentAhead} those of them without slots,
 * {@link UnstartedLeases} the slots that a node may give to others. {@link Attempts} handles what
 * nodes report, {@link NodeStates} which of them take jobs, {@link Losses} what is lost with one.
 * {@link Indexes} has the classes and nodes, {@link Overtaking} the overtaking and the reservation,
 * {@link Tally} the numbers.
 */
public final class Scheduler {
  /** How many jobs, from the oldest that waits at a node, may be considered for starting. */
  public static final int LOOKAHEAD = 64;

  final Policy policy;
  final Effects effects;
  final KindDimensions dimensions;
  final IndexQuery query;
  final RequestClasses classes;
  final Nodes nodes;
  final SentAhead sentAhead;
  final JobQueue queue;
  final Tally.Keeper tallies = new Tally.Keeper();
  private final Indexes indexes;
  private final Assignments assignments;
  private final NodeStates nodeStates;
  private final Losses losses;
  private final Attempts attempts;
  private final Placer placer;

  /**
   * Makes a scheduler without nodes and jobs.
   *
   * @param policy what to keep to
   * @param effects receives the commands
   */
  public Scheduler(Policy policy, Effects effects) {
    this.policy = policy;
    this.effects = effects;
    this.indexes = new Indexes(policy);
    this.dimensions = indexes.dimensions;
    this.query = indexes.query;
    this.classes = indexes.classes;
    this.nodes = indexes.nodes;
    Overtaking overtaking = new Overtaking(policy, classes, nodes);
    this.sentAhead = new SentAhead(policy, classes, nodes, query, overtaking, effects);
    this.queue = new JobQueue(policy, indexes, overtaking, sentAhead, tallies, effects);
    this.assignments = new Assignments(nodes, sentAhead, tallies, effects);
    this.nodeStates = new NodeStates(policy, indexes, assignments);
    this.losses = new Losses(query, queue, assignments, tallies);
    this.attempts = new Attempts(policy, indexes, queue, assignments, nodeStates, sentAhead);
    this.placer = new Placer(policy, indexes, overtaking, sentAhead, queue, assignments);
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

  /** Puts a new job without a time limit at its place in the queue. */
  public void submit(ScheduledJob job, Demand demand) {
    submit(job, demand, 0);
  }

  /**
   * Puts a new job at its place in the queue.
   *
   * @param job a job that was not submitted before
   * @param demand what it asks for
   * @param timeLimit how long it may run, in nanoseconds; 0 for no limit
   */
  public void submit(ScheduledJob job, Demand demand, long timeLimit) {
    submit(job, demand, timeLimit, 1);
  }

  /**
   * Puts a job at its place in the queue that had attempts before; see {@link #submit(ScheduledJob,
   * Demand, long)}.
   *
   * @param attempt the number of its next attempt
   */
  public void submit(ScheduledJob job, Demand demand, long timeLimit, int attempt) {
    ensureNew(job);
    queue.submit(job, demand, timeLimit, attempt);
  }

  /**
   * Takes a job of which a node may have an attempt that has not joined yet: it waits until it is
   * {@linkplain #adoptWaiting adopted}, {@linkplain #missing missing} or {@linkplain #awaitedLost
   * lost}.
   *
   * @param attempt the number of that attempt
   * @param worker the name of the worker
   * @param started whether it is known to have started there
   */
  public void submitAwaited(
      ScheduledJob job,
      Demand demand,
      long timeLimit,
      int attempt,
      String worker,
      boolean started) {
    ensureNew(job);
    queue.submitAwaited(
        job, demand, timeLimit, attempt, new Paused.Away(worker, started, query.now));
  }

  private static void ensureNew(ScheduledJob job) {
    if (job.phase() != ScheduledJob.Phase.NEW) {
      throw new IllegalStateException(job + " was submitted before");
    }
  }

  /**
   * Keeps a job from nodes until it is resumed: one that was sent and has not started comes back,
   * one that has started goes on, and is held if there is another attempt.
   */
  public void hold(ScheduledJob job) {
    if (job.onHold || job.cancelled || job.phase() == ScheduledJob.Phase.ENDED) {
      return;
    }
    queue.hold(job);
    if (job.phase() == ScheduledJob.Phase.SENT) {
      assignments.takeBack(job);
    }
  }

  /** Lets a job that was held go to nodes again; does nothing to others. */
  public void unhold(ScheduledJob job) {
    if (job.onHold && job.phase() != ScheduledJob.Phase.ENDED) {
      queue.unhold(job);
    }
  }

  /** Returns whether a job waits, as it is held. */
  public boolean isHeld(ScheduledJob job) {
    return queue.paused.isHeld(job);
  }

  /**
   * Has a job matter more or less beside others: at once if it waits here, otherwise for its next
   * attempt. Its age stays as it is.
   *
   * @param priority positive and finite
   */
  public void reprioritize(ScheduledJob job, double priority) {
    if (job.phase() != ScheduledJob.Phase.NEW && job.phase() != ScheduledJob.Phase.ENDED) {
      queue.reprioritize(job, priority);
    }
  }

  /** Ends the job, wherever it is; does nothing if it has ended or was cancelled before. */
  public void cancel(ScheduledJob job) {
    if (job.cancelled || job.phase() == ScheduledJob.Phase.ENDED) {
      return;
    }
    queue.cancel(job);
    switch (job.phase()) {
      case NEW, QUEUED, STOPPING, ENDED -> {}
      case SENT, RUNNING -> assignments.stop(job);
    }
  }

  /**
   * Ends a job that waits in the queue, as it will never get a node; does nothing to others.
   *
   * @param reason why
   */
  public void abandon(ScheduledJob job, Reason reason) {
    if (job.phase() == ScheduledJob.Phase.QUEUED && !isAwaited(job)) {
      queue.abandon(job, reason);
    }
  }

  /**
   * The client has decided whether a job that has failed runs again.
   *
   * @param attempt the attempt that failed
   * @return whether the decision was still open; then the job has ended if it does not run again
   */
  public boolean decided(ScheduledJob job, int attempt, boolean again) {
    return queue.decided(job, attempt, again);
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
    Node node = indexes.add(name, offer, until);
    nodes.touch(node);
    return node;
  }

  /**
   * The worker of a node that has just joined has more than it offers here. So it gets no job
   * without slots, and which core a job has a part of is not taken from its reports.
   */
  public void bounded(Node node) {
    nodeStates.bound(node);
  }

  /**
   * Removes a node. Its started jobs run again ahead of all others, the others at their old places.
   *
   * @param died whether it is proven that its process died, so that the loss counts against the
   *     jobs that had started there
   */
  public void nodeLost(Node node, boolean died) {
    if (nodeStates.lose(node)) {
      losses.onLost(node, died);
      queue.endUnmeetable();
    }
  }

  /**
   * Removes a node that may be back as another one, with the jobs that it has: those that {@link
   * ScheduledJob#mayReturn} are awaited, all others are lost.
   *
   * @return the jobs that are awaited
   */
  public List<ScheduledJob> nodeAway(Node node) {
    if (!nodeStates.lose(node)) {
      return List.of();
    }
    List<ScheduledJob> returning = losses.onAway(node);
    queue.endUnmeetable();
    return returning;
  }

  /** Returns whether a job waits, as its node is away. */
  public boolean isAwaited(ScheduledJob job) {
    return queue.paused.away(job) != null;
  }

  /** The node has an attempt of a job that is awaited, which has not started there. */
  public void adoptWaiting(Node node, ScheduledJob job, int attempt) {
    queue.adopt(job, attempt);
    assignments.adoptWaiting(job, node);
    afterAdoption(job);
  }

  /**
   * The node has an attempt of a job that is awaited, which runs there.
   *
   * @param fractions which core and which GPU it has a part of
   * @param ran how long it has run, in nanoseconds
   */
  public void adoptRunning(
      Node node, ScheduledJob job, int attempt, Fractions fractions, long ran) {
    queue.adopt(job, attempt);
    assignments.adoptStarted(job, node, fractions, query.now - ran);
    afterAdoption(job);
  }

  /** The node has the end of an attempt of a job that is awaited; it is reported next. */
  public void adoptEnded(Node node, ScheduledJob job, int attempt) {
    queue.adopt(job, attempt);
    assignments.adoptStarted(job, node, null, query.now);
  }

  private void afterAdoption(ScheduledJob job) {
    if (job.cancelled) {
      assignments.stop(job);
    } else if (job.onHold && job.phase() == ScheduledJob.Phase.SENT) {
      assignments.takeBack(job);
    }
  }

  /** The node of a job that is awaited is back, and has not the attempt: there is another one. */
  public void missing(ScheduledJob job) {
    losses.onMissing(job);
  }

  /**
   * The node of a job that is awaited will not be back: the attempt is lost.
   *
   * @param died whether it is proven that its process died, so that the loss counts against the job
   *     if it had started there
   */
  public void awaitedLost(ScheduledJob job, boolean died) {
    losses.onAwaitedLost(job, died);
  }

  /**
   * A node takes no more jobs: what it has started goes on, and it gives back the rest by itself.
   */
  public void draining(Node node) {
    if (nodeStates.drain(node)) {
      queue.endUnmeetable();
    }
  }

  /**
   * Nobody knows what becomes of a node: it gets no more jobs until it is {@linkplain #resumed
   * back}, or lost.
   */
  public void suspended(Node node) {
    nodeStates.suspend(node);
  }

  /** A node is back with all that it had. */
  public void resumed(Node node) {
    nodeStates.resume(node);
  }

  // ---------------------------------------------------------------- reports of nodes

  /**
   * A node has started a job.
   *
   * @param fractions which core and which GPU it has a part of
   * @return whether the report was expected; if not it is counted as late
   */
  public boolean started(Node node, long number, int attempt, Fractions fractions) {
    return attempts.started(node, number, attempt, fractions);
  }

  /**
   * The function of a job has ended on its node and its slots are free there; its end follows when
   * its large value has arrived. Until then it counts as running.
   *
   * @param ran how long it ran, in nanoseconds
   */
  public void freed(Node node, long number, int attempt, long ran) {
    attempts.freed(node, number, attempt, ran);
  }

  /**
   * Why an attempt did not return a value.
   *
   * @param reason more about the cause, for people; may be empty
   */
  public record Failure(Cause cause, String reason) {}

  /** What becomes of a job whose attempt has ended. */
  public enum Verdict {
    /** Its end is to be delivered. */
    FINAL,
    /** It runs again. */
    RETRIED,
    /** Its client must decide whether it runs again, by {@link Scheduler#decided}. */
    UNDECIDED,
    /** Its end was delivered before, or nobody expects it. */
    LATE
  }

  /**
   * A node has ended a job. One that has started and ended before the node reported it needs no
   * report of its start.
   *
   * @param failure why it did not return a value; null if it did
   * @param ran how long it ran, in nanoseconds
   */
  public Verdict ended(Node node, long number, int attempt, @Nullable Failure failure, long ran) {
    return attempts.ended(node, number, attempt, failure, ran);
  }

  /**
   * A node could not start a job, for a reason of its own. The job runs elsewhere or later, without
   * blame, until that was so too often; a node that fails several in a row is set aside.
   *
   * @param reason why, in a sentence
   */
  public Verdict refused(Node node, long number, int attempt, String reason) {
    return attempts.refused(node, number, attempt, reason);
  }

  /**
   * A node could not prepare what a job needs, for a reason of its own. The job runs elsewhere,
   * without blame; for a while the node gets no jobs that need the same. If every node that could
   * run such jobs has failed so, they end.
   *
   * @param reason why, in a sentence
   */
  public Verdict unprepared(Node node, long number, int attempt, String reason) {
    return attempts.unprepared(node, number, attempt, reason);
  }

  /** A node has given a job back without having started it. */
  public void returned(Node node, long number, int attempt) {
    attempts.returned(node, number, attempt);
  }

  /**
   * A node reports what jobs of other heads hold there from now on: slots that jobs of this one
   * have not. It agrees with the reports of the node that came before.
   *
   * @param barred whether a job that waits there, of whichever head, lets no younger one start
   */
  public void othersHold(Node node, Holdings holdings, boolean barred) {
    if (!node.lost) {
      assignments.othersHold(node, holdings, barred);
    }
  }

  /** A node reports that a job does not stop; it keeps its slots until it ends. */
  public void notStopping(Node node, long number, int attempt, boolean timedOut) {
    attempts.notStopping(node, number, attempt, timedOut);
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
    nodeStates.resumeDue();
    queue.resumeDue();
    return placer.place(decisions);
  }

  /**
   * Returns when {@link #place} is to be called again, if nothing else happens before; {@code
   * Long.MAX_VALUE} for never.
   */
  public long nextDue() {
    return Math.min(queue.paused.firstDue(), nodeStates.firstDue());
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
    jobs.addAll(queue.all());
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
    return atNode == null ? queue.find(wanted) : atNode;
  }

  /**
   * Returns where a job is and why. It looks at some of the nodes and jobs only, so it takes little
   * time.
   */
  public Situation explain(ScheduledJob job) {
    return new Explainer(this, job).situation();
  }

  /** Returns the nodes that take jobs. */
  public List<Node> nodes() {
    return nodes.all().filter(Node::open).toList();
  }

  /** Returns how many jobs are where. */
  public Counts counts() {
    return tallies.total().toCounts(attempts.late());
  }

  /**
   * Returns how many jobs, classes, nodes and inner nodes of indexes have been visited so far: the
   * work done, independent of the machine.
   */
  public long steps() {
    return queue.steps()
        + placer.steps()
        + assignments.steps()
        + classes.steps()
        + nodes.steps()
        + sentAhead.steps();
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
