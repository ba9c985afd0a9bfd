package dev.grain.node;

import dev.grain.bytes.Bytes;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Lease;
import dev.grain.resource.internal.Offer;
import dev.grain.resource.internal.Slots;
import dev.grain.wire.End;
import dev.grain.wire.Loop;
import dev.grain.wire.Mailbox;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
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

  // only accessed by the loop
  private final ArrayDeque<NodeJob> waiting = new ArrayDeque<>();
  private final SequencedSet<NodeJob> started = new LinkedHashSet<>();
  private final SequencedSet<JobSource> sources = new LinkedHashSet<>();
  private final SequencedSet<JobSource> toFlush = new LinkedHashSet<>();
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
    record Ended(NodeJob job, End end) implements Event {}

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
      toFlush.add(source);
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
      waiting.addLast(job);
    }
  }

  private void giveBack(NodeJob job) {
    job.source.onReturned(job);
    toFlush.add(job.source);
  }

  /**
   * Removes a job that has not started.
   *
   * @return whether it had not
   */
  public boolean takeBack(NodeJob job) {
    return waiting.removeLastOccurrence(job);
  }

  /** Stops a job: one that has not started ends at once, another one is interrupted. */
  public void stop(NodeJob job) {
    if (waiting.removeLastOccurrence(job)) {
      job.source.onEnded(job, new End.Cancelled(), 0);
      toFlush.add(job.source);
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
    for (NodeJob job : List.copyOf(waiting)) {
      if (job.source == source) {
        waiting.remove(job);
        source.onReturned(job);
      }
    }
    for (NodeJob job : List.copyOf(started)) {
      if (job.source == source) {
        stop(job);
      }
    }
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
    List<NodeJob> left = List.copyOf(waiting);
    waiting.clear();
    left.forEach(this::giveBack);
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
    if (whenIdle != null && started.isEmpty()) {
      Runnable told = whenIdle;
      whenIdle = null;
      told.run();
    }
  }

  private void startThoseThatFit() {
    Iterator<NodeJob> jobs = waiting.iterator();
    NodeJob first = null;
    Demand tooLarge = null;
    int left = limits.lookahead();
    while (jobs.hasNext() && left > 0) {
      NodeJob job = jobs.next();
      if (job.demand() == tooLarge || job.source.isCongested()) {
        left--;
        continue;
      }
      Lease lease = slots.take(job.demand(), job.order().alone());
      if (lease != null) {
        jobs.remove();
        start(job, lease);
        if (first != null) {
          first.overtaken++;
        }
      } else {
        left--;
        first = first == null ? job : first;
        tooLarge = job.order().alone() ? tooLarge : job.demand();
      }
      if (first != null && first.overtaken >= limits.overtaking()) {
        return;
      }
    }
  }

  private void start(NodeJob job, Lease lease) {
    job.lease = lease;
    job.startedAt = loop.now();
    started.add(job);
    job.source.onStarted(job, lease.fractions());
    toFlush.add(job.source);
    long limit = job.order().timeLimit();
    if (limit > 0) {
      job.timer = loop.schedule(limit, () -> onTimeLimit(job));
    }
    job.running =
        job.source
            .runner()
            .start(
                job.order(),
                lease.toAllocation(name),
                new JobRunner.Events() {
                  @Override
                  public void ended(End end) {
                    events.add(new Event.Ended(job, end));
                  }

                  @Override
                  public void printed(Bytes text, boolean error) {
                    events.add(new Event.Printed(job, text, error));
                  }
                });
  }

  private void onTimeLimit(NodeJob job) {
    if (started.contains(job) && job.stop == null) {
      job.stop = NodeJob.Stop.TIMED_OUT;
      interrupt(job);
    }
  }

  private void interrupt(NodeJob job) {
    cancelTimer(job);
    job.timer = loop.schedule(limits.cancelGrace(), () -> onGraceOver(job));
    if (job.running != null) {
      job.running.interrupt();
    }
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
          toFlush.add(job.source);
        }
      }
      case Event.Ended(NodeJob job, End end) -> onEnded(job, end);
    }
  }

  private void onEnded(NodeJob job, End end) {
    if (!started.remove(job)) {
      throw new IllegalStateException(job + " ended, but it was not running");
    }
    cancelTimer(job);
    releaseLease(job);
    End reported =
        switch (job.stop) {
          case ASKED -> new End.Cancelled();
          case TIMED_OUT -> new End.TimedOut();
          case null -> end;
        };
    job.source.onEnded(job, reported, loop.now() - job.startedAt);
    toFlush.add(job.source);
  }

  private static void releaseLease(NodeJob job) {
    if (job.lease != null) {
      job.lease.close();
      job.lease = null;
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
    for (NodeJob job : waiting) {
      boolean barred =
          job != waiting.getFirst() && waiting.getFirst().overtaken >= limits.overtaking();
      if (barred || left-- == 0) {
        return;
      }
      if (!job.source.isCongested() && slots.fits(job.demand(), job.order().alone())) {
        throw new IllegalStateException(job + " fits and does not start");
      }
    }
  }

  /** Returns the jobs that hold slots, in the order in which they started. */
  public List<NodeJob> started() {
    return new ArrayList<>(started);
  }
}
