package dev.grain.node;

import static java.util.Objects.requireNonNull;

import dev.grain.bytes.Bytes;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Lease;
import dev.grain.resource.internal.Offer;
import dev.grain.resource.internal.Slots;
import dev.grain.wire.End;
import dev.grain.wire.Loop;
import dev.grain.wire.Mailbox;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The authority on the slots of one node: jobs start in the order of arrival among those that fit,
 * except that the one that waits longest lets only so many others pass.
 *
 * <p>To be used on its loop.
 */
public final class NodeEngine {
  private final String name;
  private final Loop loop;
  private final Limits limits;
  private final Slots slots;
  private final Mailbox<Event> events;

  // all only accessed by the loop
  private final JobLine waiting = new JobLine();
  private final HandOffs handOffs = new HandOffs();
  private final JobLine started = new JobLine();
  private final SequencedSet<JobSource> sources = new LinkedHashSet<>();
  private final SequencedSet<JobSource> toFlush = new LinkedHashSet<>();
  // the one that was added to those last
  private @Nullable JobSource lastToFlush;
  // those that begin when the head was told of it
  private final List<NodeJob> toRun = new ArrayList<>();
  private long arrivals;
  // the one that has waited longest and whose source is not congested, as of the last pass
  private @Nullable NodeJob oldest;
  private boolean slotsReleased;
  private boolean draining;
  private @Nullable Runnable whenIdle;

  /**
   * What an engine keeps to.
   *
   * @param overtaking how many others the job that waits longest lets pass
   * @param lookahead how many waiting jobs that do not fit, from the one that waits longest, are
   *     looked at
   * @param cancelGrace after how many nanoseconds a job that was told to stop is reported
   */
  public record Limits(int overtaking, int lookahead, long cancelGrace) {
    /** What suits a worker that serves any run. */
    public static final Limits DEFAULT = new Limits(100, 64, 10_000_000_000L);
  }

  /** What comes from the threads of jobs. */
  private sealed interface Event {
    /**
     * A job has ended.
     *
     * @param ran for how many nanoseconds it ran
     * @param next the job that has taken over its slots; null if there is none
     */
    record Ended(NodeJob job, End end, long ran, @Nullable NodeJob next) implements Event {}

    /** A job has printed something. */
    record Printed(NodeJob job, Bytes text, boolean error) implements Event {}
  }

  /**
   * Makes an idle engine.
   *
   * @param name the name of the worker
   * @param offer what the node has
   * @param loop its loop
   * @param limits what it keeps to
   */
  public NodeEngine(String name, Offer offer, Loop loop, Limits limits) {
    this.name = name;
    this.loop = loop;
    this.limits = limits;
    this.slots = new Slots(offer);
    this.events = new Mailbox<>(loop, this::onEvent, this::batchEnded);
  }

  /** Adds a source that is to be told when the node takes no more jobs. */
  public void attach(JobSource source) {
    sources.add(source);
    if (draining) {
      source.onDraining();
      flushLater(source);
    }
  }

  /**
   * Takes a job; it starts when it fits, at the end of the batch at the earliest. While draining,
   * it is given back.
   */
  public void add(NodeJob job) {
    if (draining) {
      giveBack(job);
    } else {
      job.arrival = arrivals++;
      waiting.addLast(job);
    }
  }

  private void giveBack(NodeJob job) {
    job.source.onReturned(job);
    flushLater(job.source);
  }

  /**
   * Removes a job that has not started.
   *
   * @return whether it had not
   */
  public boolean takeBack(NodeJob job) {
    return waiting.remove(job) || handOffs.withdraw(job);
  }

  /** Stops a job: one that has not started ends at once, another one is interrupted. */
  public void stop(NodeJob job) {
    if (takeBack(job)) {
      job.source.onEnded(job, new End.Cancelled(), 0);
      flushLater(job.source);
    } else if (job.line != null && job.line != started) {
      // it has taken over slots, of which the loop is about to hear
      job.stop = NodeJob.Stop.ASKED;
    } else if (started.contains(job) && job.stop != NodeJob.Stop.ASKED) {
      boolean told = job.stop != null;
      job.stop = NodeJob.Stop.ASKED;
      if (!told) {
        interrupt(job);
      }
    }
  }

  /** Forgets a source: gives back those of its jobs that wait, and stops those that run. */
  public void stopAll(JobSource source) {
    sources.remove(source);
    for (NodeJob job : withdrawAll()) {
      if (job.source == source) {
        waiting.remove(job);
        source.onReturned(job);
      }
    }
    Stream.concat(handOffs.onOffer(), started.toList().stream())
        .filter(job -> job.source == source)
        .toList()
        .forEach(this::stop);
  }

  /** Takes all jobs that are on offer back among those that wait, and returns these. */
  private List<NodeJob> withdrawAll() {
    handOffs.withdrawAll(waiting);
    slotsReleased = true;
    return waiting.toList();
  }

  /**
   * Starts no more jobs: gives back those that wait and those that still come. What has started
   * goes on. Has no effect the second time.
   *
   * @param whenIdle called once, on the loop, when none runs any more
   */
  public void drain(Runnable whenIdle) {
    if (draining) {
      return;
    }
    draining = true;
    this.whenIdle = whenIdle;
    sources.forEach(JobSource::onDraining);
    toFlush.addAll(sources);
    for (NodeJob job : withdrawAll()) {
      waiting.remove(job);
      giveBack(job);
    }
    batchEnded();
  }

  /** Returns how many jobs hold slots. */
  public int startedCount() {
    return started.size();
  }

  /** Starts the jobs that fit; to be called after each batch of calls. */
  public void batchEnded() {
    startThoseThatFit();
    toFlush.forEach(JobSource::flush);
    toFlush.clear();
    lastToFlush = null;
    toRun.forEach(this::run);
    toRun.clear();
    if (whenIdle != null && started.isEmpty()) {
      Runnable told = whenIdle;
      whenIdle = null;
      told.run();
    }
  }

  private void flushLater(JobSource source) {
    if (source != lastToFlush) {
      lastToFlush = source;
      toFlush.add(source);
    }
  }

  // ---------------------------------------------------------------- starting

  /** Starts the jobs that fit, and offers others to running jobs that ask for the same. */
  private void startThoseThatFit() {
    if (handOffs.hasOffers() && sources.stream().anyMatch(JobSource::isCongested)) {
      // the threads of jobs take whatever is on offer
      handOffs.withdrawAll(waiting);
    }
    if (slotsReleased) {
      slotsReleased = false;
      startFromOffers();
    }
    handOffs.forgetUnused();
    oldest = handOffs.oldestOnOffer();
    Demand tooLarge = null;
    int left = limits.lookahead();
    NodeJob next;
    for (NodeJob job = waiting.first(); job != null && left > 0; job = next) {
      next = job.next;
      if (isBarred(job)) {
        return;
      }
      if (job.source.isCongested()) {
        left--;
        continue;
      }
      boolean alone = job.order().alone();
      Lease lease = alone || job.demand() != tooLarge ? slots.take(job.demand(), alone) : null;
      if (lease != null) {
        waiting.remove(job);
        countOvertakingBy(job);
        start(job, lease);
      } else {
        tooLarge = alone ? tooLarge : job.demand();
        left -= offer(job) ? 0 : 1;
        oldest = oldest == null || job.arrival < oldest.arrival ? job : oldest;
      }
    }
  }

  /**
   * Slots were released. What is on offer counts as waiting, so the one that came first gets them:
   * if that is on offer it starts, otherwise all come together again.
   */
  private void startFromOffers() {
    NodeJob first = handOffs.oldestOnOffer();
    while (first != null && waiting.isYounger(first)) {
      Lease lease = slots.take(first.demand(), false);
      NodeJob job = lease == null ? null : handOffs.withdrawFirst(requireNonNull(first.handOff));
      if (lease == null) {
        break;
      } else if (job == null) {
        lease.close();
        break;
      }
      start(job, lease);
      first = handOffs.oldestOnOffer();
    }
    if (first != null && (!waiting.isYounger(first) || handOffs.count() > 1)) {
      handOffs.withdrawAll(waiting);
    }
  }

  /** Returns whether the oldest one lets it not pass, with those that it may still have to. */
  private boolean isBarred(NodeJob job) {
    NodeJob first = oldest;
    return first != null
        && first.arrival < job.arrival
        && !first.takesOverLike(job)
        && first.overtaken + handOffs.offersToOthersThan(first) >= limits.overtaking();
  }

  private void countOvertakingBy(NodeJob job) {
    if (oldest != null && oldest.arrival < job.arrival) {
      oldest.overtaken++;
    }
  }

  /** Offers the job to those that run and ask for the same, if there are any. */
  private boolean offer(NodeJob job) {
    HandOff handOff = job.mayTakeOver() ? handOffs.find(job.demand()) : null;
    if (handOff == null) {
      return false;
    }
    waiting.remove(job);
    handOffs.offer(job, handOff);
    return true;
  }

  private void start(NodeJob job, Lease lease) {
    job.allocation = lease.toAllocation(name);
    job.startedAt = loop.now();
    if (!job.order().alone()) {
      job.handOff = handOffs.addHolder(job.demand());
    }
    holds(job, lease);
    if (job.mayTakeOver()) {
      run(job);
    } else {
      toRun.add(job);
    }
  }

  /** The job has the slots. */
  private void holds(NodeJob job, Lease lease) {
    job.lease = lease;
    started.addLast(job);
    job.source.onStarted(job, lease.fractions());
    flushLater(job.source);
    long limit = job.order().timeLimit();
    if (limit > 0) {
      long left = Math.max(0, limit - (loop.now() - job.startedAt));
      job.timer = loop.schedule(left, () -> onTimeLimit(job));
    }
  }

  /** Has the job run; on the loop, or on the thread of the job whose slots it has taken over. */
  private void run(NodeJob job) {
    job.runs(job.source.runner().start(job.order(), requireNonNull(job.allocation), new Told(job)));
  }

  /** Hears from the threads of a job. */
  private final class Told implements JobRunner.Events {
    private final NodeJob job;

    Told(NodeJob job) {
      this.job = job;
    }

    /**
     * Lets the next job that asks for the same take over, which begins when the loop has been told,
     * so that the loop hears of it before it can end.
     */
    @Override
    public void ended(End end) {
      NodeJob next = job.handOff == null ? null : job.handOff.take();
      long now = loop.now();
      if (next != null) {
        next.allocation = job.allocation;
        next.startedAt = now;
      }
      events.add(new Event.Ended(job, end, now - job.startedAt, next));
      if (next != null) {
        run(next);
      }
    }

    @Override
    public void notRun(End.Failure failure) {
      events.add(new Event.Ended(job, failure, 0, null));
    }

    @Override
    public void printed(Bytes text, boolean error) {
      events.add(new Event.Printed(job, text, error));
    }
  }

  // ---------------------------------------------------------------- stopping and ending

  private void onTimeLimit(NodeJob job) {
    if (started.contains(job) && job.stop == null) {
      job.stop = NodeJob.Stop.TIMED_OUT;
      interrupt(job);
    }
  }

  private void interrupt(NodeJob job) {
    cancelTimer(job);
    job.timer = loop.schedule(limits.cancelGrace(), () -> onGraceOver(job));
    job.interrupt();
  }

  private void onGraceOver(NodeJob job) {
    if (started.contains(job)) {
      job.source.onNotStopping(job, job.stop == NodeJob.Stop.TIMED_OUT);
      job.source.flush();
    }
  }

  private void onEvent(Event event) {
    switch (event) {
      case Event.Printed(NodeJob job, Bytes text, boolean error) -> {
        if (started.contains(job)) {
          job.source.onOutput(job, text, error);
          flushLater(job.source);
        }
      }
      case Event.Ended ended -> onEnded(ended);
    }
  }

  private void onEnded(Event.Ended event) {
    NodeJob job = event.job;
    if (!started.remove(job)) {
      throw new IllegalStateException(job + " ended, but it was not running");
    }
    cancelTimer(job);
    End reported =
        switch (job.stop) {
          case ASKED -> new End.Cancelled();
          case TIMED_OUT -> new End.TimedOut();
          case null -> event.end;
        };
    Lease lease = requireNonNull(job.lease);
    job.lease = null;
    if (event.next == null) {
      lease.close();
      slotsReleased = true;
      handOffs.removeHolder(job);
    }
    job.source.onEnded(job, reported, event.ran);
    flushLater(job.source);
    if (event.next != null) {
      onTakenOver(event.next, lease);
    }
  }

  /** A job has begun with the slots of another one. */
  private void onTakenOver(NodeJob job, Lease lease) {
    handOffs.onTaken(job);
    countOvertakingBy(job);
    holds(job, lease);
    if (job.stop != null) {
      cancelTimer(job);
      interrupt(job);
    }
  }

  private static void cancelTimer(NodeJob job) {
    if (job.timer != null) {
      job.timer.cancel();
      job.timer = null;
    }
  }

  /**
   * Checks that the slots are sound, and that no waiting job fits that should have started.
   *
   * @throws IllegalStateException if that is not so
   */
  public void checkInvariants() {
    slots.checkInvariants();
    if (started.isEmpty() != slots.idle()) {
      throw new IllegalStateException(
          "%d jobs hold slots, but the slots are %s".formatted(started.size(), slots));
    }
    int left = limits.lookahead();
    for (NodeJob job : waiting.toList()) {
      if (isBarred(job) || left-- == 0) {
        break;
      }
      ensureItMustWait(job);
    }
    handOffs.onOffer().forEach(this::ensureItMustWait);
  }

  private void ensureItMustWait(NodeJob job) {
    if (!job.source.isCongested() && slots.fits(job.demand(), job.order().alone())) {
      throw new IllegalStateException(job + " fits and does not start");
    }
  }

  /** Returns the jobs that hold slots, in the order in which they started. */
  public List<NodeJob> started() {
    return started.toList();
  }
}
