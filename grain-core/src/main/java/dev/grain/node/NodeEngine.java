package dev.grain.node;

import static java.util.Objects.requireNonNull;

import dev.grain.bytes.Bytes;
import dev.grain.job.Allocation;
import dev.grain.loop.Loop;
import dev.grain.message.AttemptEnd;
import dev.grain.resource.internal.Offer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The authority on the slots of one node: takes jobs, runs those that have got slots, stops them,
 * and tells their sources what becomes of them.
 *
 * <p>To be used on its loop.
 */
public final class NodeEngine {
  /** How many reports are handled before the loop gets to other tasks. */
  private static final int BATCH = 1024;

  private final Loop loop;
  private final Limits limits;
  private final Admission admission;

  // all only accessed by the loop
  private final List<NodeJob> arrived = new ArrayList<>();
  private final SequencedSet<JobSource> attached = new LinkedHashSet<>();
  private final SequencedSet<JobSource> withJobs = new LinkedHashSet<>();
  private final SequencedSet<JobSource> toFlush = new LinkedHashSet<>();
  // the one that was added to those last
  private @Nullable JobSource lastWithJobs;
  private @Nullable JobSource lastToFlush;
  // those that begin when the head was told of it
  private final List<NodeJob> toRun = new ArrayList<>();
  private long arrivals;
  private boolean draining;
  private @Nullable Runnable whenIdle;
  private @Nullable Consumer<String> onViolation;

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

  /**
   * Makes an idle engine.
   *
   * @param name the name of the worker
   * @param offer what the node has
   * @param loop its loop
   * @param limits what it keeps to
   */
  public NodeEngine(String name, Offer offer, Loop loop, Limits limits) {
    this.loop = loop;
    this.limits = limits;
    this.admission = new Admission(name, offer, loop, limits, this::onReports);
  }

  /** Adds a source that is to be told when the node takes no more jobs. */
  public void attach(JobSource source) {
    attached.add(source);
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
      arrived.add(job);
      if (job.source != lastWithJobs) {
        lastWithJobs = job.source;
        withJobs.add(job.source);
      }
    }
  }

  private void giveBack(NodeJob job) {
    job.source.onReturned(job);
    flushLater(job.source);
  }

  /** Lets those wait that have arrived. */
  private void admitArrived() {
    if (!arrived.isEmpty()) {
      admission.add(arrived);
      arrived.clear();
    }
  }

  /**
   * Removes a job that has not started.
   *
   * @return whether it had not
   */
  public boolean takeBack(NodeJob job) {
    admitArrived();
    return admission.takeBack(job);
  }

  /** Stops a job: one that has not started ends at once, another one is interrupted. */
  public void stop(NodeJob job) {
    if (takeBack(job)) {
      job.source.onEnded(job, new AttemptEnd.Cancelled(), 0);
      flushLater(job.source);
    } else if (job.phase != NodeJob.Phase.ENDED && job.stop != NodeJob.Stop.ASKED) {
      boolean told = job.stop != null;
      job.stop = NodeJob.Stop.ASKED;
      // of one that has begun the loop may be about to hear; it is interrupted then
      if (!told && job.phase == NodeJob.Phase.STARTED) {
        interrupt(job);
      }
    }
  }

  /** Forgets a source: gives back those of its jobs that wait, and stops those that run. */
  public void stopAll(JobSource source) {
    attached.remove(source);
    withJobs.remove(source);
    lastWithJobs = null;
    admitArrived();
    admission.takeBackAll(source).forEach(source::onReturned);
    admission.unfinished(source).forEach(this::stop);
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
    attached.forEach(JobSource::onDraining);
    toFlush.addAll(attached);
    admitArrived();
    admission.takeBackAll(null).forEach(this::giveBack);
    batchEnded();
  }

  /** Returns how many jobs hold slots. */
  public int startedCount() {
    return admission.holders().size();
  }

  /** Returns the jobs that hold slots, in the order in which they started. */
  public List<NodeJob> started() {
    return admission.holders();
  }

  /** Starts the jobs that fit; to be called after each batch of calls. */
  public void batchEnded() {
    admitArrived();
    List<NodeJob> begun = admission.begin(congested());
    if (!begun.isEmpty()) {
      runAll(begun);
      // in the order in which it happened, after what threads have told
      hear(admission.reportCount());
    }
    toFlush.forEach(JobSource::flush);
    toFlush.clear();
    lastToFlush = null;
    toRun.forEach(this::run);
    toRun.clear();
    if (onViolation != null) {
      checkBatch(onViolation);
    }
    if (whenIdle != null && admission.isIdle()) {
      Runnable told = whenIdle;
      whenIdle = null;
      told.run();
    }
  }

  /**
   * Has the slots checked after each batch from now on.
   *
   * @param onViolation told, on the loop, what does not hold
   */
  public void checkBatches(Consumer<String> onViolation) {
    this.onViolation = onViolation;
  }

  private void checkBatch(Consumer<String> receiver) {
    try {
      admission.checkSlots();
    } catch (IllegalStateException e) {
      receiver.accept(String.valueOf(e.getMessage()));
    }
  }

  private List<JobSource> congested() {
    List<JobSource> found = List.of();
    for (JobSource source : withJobs) {
      if (source.isCongested()) {
        found = found.isEmpty() ? new ArrayList<>() : found;
        found.add(source);
      }
    }
    return found;
  }

  private void flushLater(JobSource source) {
    if (source != lastToFlush) {
      lastToFlush = source;
      toFlush.add(source);
    }
  }

  // ---------------------------------------------------------------- running, on any thread

  /** Has those run that have begun, and those that can begin after them. */
  private void runAll(List<NodeJob> begun) {
    List<NodeJob> those = begun;
    while (!those.isEmpty()) {
      for (NodeJob job : those) {
        if (job.mayTakeOver()) {
          run(job);
        }
      }
      those = those.size() < Admission.MOST_AT_ONCE ? List.of() : admission.beginMore();
    }
  }

  private void run(NodeJob job) {
    Allocation allocation = requireNonNull(job.begunWith).allocation;
    job.runs(job.source.runner().start(job.order(), allocation, new Told(job)));
  }

  /** Hears from the threads of a job. */
  private final class Told implements JobRunner.Events {
    private final NodeJob job;

    Told(NodeJob job) {
      this.job = job;
    }

    @Override
    public void ended(AttemptEnd end) {
      runAll(admission.ended(job, end));
    }

    @Override
    public void notRun(AttemptEnd why) {
      admission.notRun(job, why);
    }

    @Override
    public void printed(Bytes text, boolean error) {
      admission.printed(job, text, error);
    }
  }

  // ---------------------------------------------------------------- hearing, stopping and ending

  private void onReports() {
    admission.onHearing(BATCH);
    hear(BATCH);
    batchEnded();
  }

  private void hear(int most) {
    for (Report report : admission.takeReports(most)) {
      switch (report) {
        case Report.Began(NodeJob job) -> onBegan(job);
        case Report.Ended ended -> onEnded(ended);
        case Report.Printed(NodeJob job, Bytes text, boolean error) -> {
          if (job.phase == NodeJob.Phase.STARTED) {
            job.source.onOutput(job, text, error);
            flushLater(job.source);
          }
        }
      }
    }
  }

  private void onBegan(NodeJob job) {
    job.phase = NodeJob.Phase.STARTED;
    job.source.onStarted(job, requireNonNull(job.begunWith).fractions);
    flushLater(job.source);
    long limit = job.order().spec().timeLimit();
    if (limit > 0) {
      long left = Math.max(0, limit - (loop.now() - job.startedAt));
      job.timer = loop.schedule(left, () -> onTimeLimit(job));
    }
    if (job.stop != null) {
      interrupt(job);
    }
    if (!job.mayTakeOver()) {
      toRun.add(job);
    }
  }

  private void onEnded(Report.Ended event) {
    NodeJob job = event.job();
    job.phase = NodeJob.Phase.ENDED;
    cancelTimer(job);
    AttemptEnd reported =
        switch (job.stop) {
          case ASKED -> new AttemptEnd.Cancelled();
          case TIMED_OUT -> new AttemptEnd.TimedOut();
          case null -> event.end();
        };
    job.source.onEnded(job, reported, event.ran());
    flushLater(job.source);
    if (event.next() != null) {
      onBegan(event.next());
    }
  }

  private void onTimeLimit(NodeJob job) {
    if (job.phase == NodeJob.Phase.STARTED && job.stop == null) {
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
    if (job.phase == NodeJob.Phase.STARTED) {
      job.source.onNotStopping(job, job.stop == NodeJob.Stop.TIMED_OUT);
      job.source.flush();
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
    admission.checkInvariants();
  }
}
