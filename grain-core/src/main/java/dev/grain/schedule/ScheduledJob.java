package dev.grain.schedule;

import dev.grain.Attempt;
import dev.grain.resource.internal.Lease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * A job as the scheduler sees it. The head extends it by what the scheduler need not know.
 *
 * <p>Everything in it belongs to the scheduler's thread.
 *
 * <p>Implementation note. What a job is in is flags and references here, not an object for each
 * state: millions of jobs may be queued, for all of each of which there are about 200 bytes, and a
 * flag takes one. The flags are also independent: a job that is cancelled or ended may be started,
 * freed, or on its way back from a node. Each field states which class writes it.
 */
public abstract class ScheduledJob {
  /** What is only kept of a job that has failed, or was lost. */
  private static final class Past {
    final List<Attempt> attempts = new ArrayList<>(2);
    final SequencedMap<String, String> refusals = new LinkedHashMap<>(0);
    int failures;
    int losses;
    int refused;
    long due;
  }

  /** Where a job is. */
  public enum Phase {
    /** Not submitted yet. */
    NEW,
    /** In the queue. */
    QUEUED,
    /** Sent to a node, not known to have started. */
    SENT,
    /** Started on a node. */
    RUNNING,
    /** Told to stop on its node, not known to have ended. */
    STOPPING,
    /** Ended as far as the client is concerned. */
    ENDED
  }

  /** The default priority. */
  public static final double USUAL_PRIORITY = 100;

  /** How many nodes that could not start it are remembered. */
  private static final int REASONS = 4;

  private static final Phase[] PHASES = Phase.values();

  private long number;

  // written by JobList.Line: the queue of its class, or the waiting or started jobs of its node
  @Nullable ScheduledJob previous;
  @Nullable ScheduledJob next;
  // written by JobList.Side: the jobs of its class that were sent ahead, or the unstarted leases of
  // a node
  @Nullable ScheduledJob sidePrevious;
  @Nullable ScheduledJob sideNext;

  // its place among the phases; written by JobQueue (QUEUED, ENDED) and Assignments (SENT, RUNNING,
  // STOPPING)
  private byte phase;

  /**
   * Where it stands in the queue: lower goes first; see {@link Ranks}. Written by JobQueue, and not
   * while the job is in an index.
   */
  long rank;

  /** When it started, if it has. Written by Assignments. */
  long startedAt;

  /** What it asks for; null before it is submitted. Written by JobQueue. */
  @Nullable RequestClass requestClass;

  /**
   * The node it was sent to, until that node has reported its end, or is lost. Written by
   * Assignments, which sends it, and by JobQueue, when it is back or has ended.
   */
  @Nullable Node node;

  /**
   * The slots that are accounted for it. Written where slots are taken: by Placer, Assignments,
   * SentAhead and Node; and by {@link #releaseLease}.
   */
  @Nullable Lease lease;

  /**
   * The node that keeps slots for it, when it is to be taken back from the one that has it. Written
   * by SentAhead, and by {@link #releaseLease}.
   */
  @Nullable Node destination;

  /** The number of the attempt, from 1; 0 before it is submitted. Written by JobQueue. */
  int attempt;

  /** Whether it runs alone on its node. Written by JobQueue. */
  boolean alone;

  /**
   * Whether its node has reported its start. Written by Assignments; JobQueue takes it back for the
   * next attempt.
   */
  boolean started;

  /**
   * Whether its function has ended and its slots are free, while its value is on its way. Written
   * as {@link #started} is.
   */
  boolean freed;

  /** Whether it was cancelled, wherever it is. Written by JobQueue. */
  boolean cancelled;

  /** Whether it counts as queued, and is in no queue. Written by Paused. */
  boolean paused;

  /** Whether it is not to go to a node until it is resumed. Written by JobQueue. */
  boolean onHold;

  /** Whether it has got another priority at a node, which counts when it is back. By JobQueue. */
  boolean reprioritized;

  /** Whether its node was asked to give it back. Written by SentAhead. */
  boolean takingBack;

  /** Whether it is at its node without slots there. Written by SentAhead. */
  boolean ahead;

  /** How many younger jobs got slots before it. Written by Order, and of one ahead by SentAhead. */
  int overtaken;

  // what happened before; written by its methods only
  private @Nullable Past past;

  /**
   * Makes a job that is not submitted yet.
   *
   * @param number its number, unique in the scheduler; it can be {@linkplain #setNumber set} later
   */
  protected ScheduledJob(long number) {
    this.number = number;
  }

  /** Sets the number of a job that is not submitted yet. */
  protected final void setNumber(long number) {
    this.number = number;
  }

  /**
   * Sets what happened to a job before it is submitted here.
   *
   * @param attempts the attempts that have ended
   * @param losses how often it was running when its worker died
   */
  protected final void restore(List<Attempt> attempts, int losses) {
    if (!attempts.isEmpty() || losses > 0) {
      Past known = past();
      known.attempts.addAll(attempts);
      known.failures = (int) attempts.stream().filter(ScheduledJob::isFailure).count();
      known.losses = losses;
    }
  }

  private static boolean isFailure(Attempt attempt) {
    return attempt.failure().filter(Attempts::isFailure).isPresent();
  }

  /** Told that the job has entered a phase; does nothing by default. */
  protected void entered(Phase phase) {}

  /** Told that an attempt has ended without a value; does nothing by default. */
  protected void recorded(Attempt ended) {}

  /** Returns whether, and when, it runs again after a failure. */
  protected Retries retries() {
    return Retries.NONE;
  }

  /** Returns what counts the jobs of its owner, always the same; null if nothing does. */
  protected @Nullable Tally tally() {
    return null;
  }

  /**
   * Returns its priority: positive and finite, and always the same but for {@link
   * Scheduler#reprioritize}.
   */
  protected double priority() {
    return USUAL_PRIORITY;
  }

  /** Sets another priority, if it can have one. */
  protected void setPriority(double priority) {
    throw new UnsupportedOperationException(this + " has one priority");
  }

  /**
   * Returns whether it may run on at a node that is away, and be back with it: it then waits for
   * the node, and is not lost with its session.
   */
  protected boolean mayReturn() {
    return false;
  }

  /**
   * Returns what names the jobs with which it competes for slots as one, where the order of the
   * queue has such; null if it is alone. Two names are the same if they are equal.
   */
  protected @Nullable Object line() {
    return null;
  }

  /**
   * Returns what nodes have to make ready for it before it can start, always the same; null if
   * nothing. Two of these are the same if they are equal.
   */
  protected @Nullable Object preparation() {
    return null;
  }

  /** Returns whether it is about to be cancelled, so that it is not to be sent any more. */
  protected boolean isGivenUp() {
    return false;
  }

  /** Returns the number of the job. */
  public final long number() {
    return number;
  }

  /** Returns where the job is. */
  public final Phase phase() {
    return PHASES[phase];
  }

  @SuppressWarnings("EnumOrdinal") // a byte in place of a reference, in millions of jobs
  final void enter(Phase next) {
    phase = (byte) next.ordinal();
    entered(next);
  }

  /** Returns the name of the node that has the job; null if none has. */
  public final @Nullable String nodeName() {
    Node holder = node;
    return holder == null ? null : holder.name();
  }

  /** Returns the node that has the job; null if none has. */
  public final @Nullable Node node() {
    return node;
  }

  /** Returns the number of the attempt under way, or of the last one; 0 before the first. */
  public final int attempt() {
    return attempt;
  }

  /** Returns whether it must run alone on its node, because it may have killed others. */
  public final boolean alone() {
    return alone;
  }

  /** Returns the attempts that have ended, the first one first. */
  public final List<Attempt> history() {
    return past == null ? List.of() : List.copyOf(past.attempts);
  }

  final void record(Attempt ended) {
    past().attempts.add(ended);
    recorded(ended);
  }

  /** Returns how many of its attempts were followed by another one after a failure. */
  final int failures() {
    return past == null ? 0 : past.failures;
  }

  final void countFailure() {
    past().failures++;
  }

  /** Returns how often it was running when its worker died. */
  protected final int losses() {
    return past == null ? 0 : past.losses;
  }

  final void countLoss() {
    past().losses++;
  }

  /** Returns when it is to be back in the queue, if it waits for that. */
  final long due() {
    return past == null ? 0 : past.due;
  }

  final void setDue(long due) {
    past().due = due;
  }

  /** Takes note that a node could not start it, and returns how often that was so by now. */
  final int countRefusal(String node, String reason) {
    Past known = past();
    known.refusals.put(node, reason);
    if (known.refusals.size() > REASONS) {
      known.refusals.pollFirstEntry();
    }
    return ++known.refused;
  }

  /** Returns why nodes could not start it, by their names: the last few. */
  public final SequencedMap<String, String> refusals() {
    return past == null
        ? Collections.unmodifiableSequencedMap(new LinkedHashMap<>(0))
        : Collections.unmodifiableSequencedMap(past.refusals);
  }

  private Past past() {
    if (past == null) {
      past = new Past();
    }
    return past;
  }

  /** It is at no node any more, and will have another attempt. */
  final void leaveAttempt() {
    node = null;
    started = false;
    freed = false;
  }

  final Duration ranSoFar(long now) {
    return started ? Duration.ofNanos(now - startedAt) : Duration.ZERO;
  }

  final RequestClass requestClass() {
    if (requestClass == null) {
      throw new IllegalStateException(this + " is not submitted");
    }
    return requestClass;
  }

  /** The node that has it. */
  final Node holder() {
    if (node == null) {
      throw new IllegalStateException(this + " is at no node");
    }
    return node;
  }

  /** Releases the slots that it has at its node or elsewhere, and returns where. */
  final @Nullable Node releaseLease() {
    if (lease == null) {
      return null;
    }
    Node holder = destination == null ? holder() : destination;
    if (!started) {
      holder.unstarted.remove(this);
    }
    lease.close();
    lease = null;
    destination = null;
    return holder;
  }

  @Override
  public String toString() {
    return "job " + number;
  }
}
