package dev.grain.node;

import dev.grain.bytes.Bytes;
import dev.grain.loop.Loop;
import dev.grain.message.AttemptEnd;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Offer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The authority on the slots of one node: takes jobs, runs those that have got slots, stops them,
 * and notifies their sources of their progress.
 *
 * <p>To be used on its loop.
 */
public final class NodeEngine {
  /** How many reports are handled before the loop gets to other tasks. */
  private static final int BATCH = 1024;

  /** After how many nanoseconds it is looked again, at the earliest, whether a job runs by now. */
  private static final long LOOK_AGAIN = 1_000_000;

  private final Loop loop;
  private final Admission admission;

  // all only accessed by the loop
  private final List<NodeJob> arrived = new ArrayList<>();
  private final SequencedSet<JobSource> attached = new LinkedHashSet<>();
  private final Sharing sharing;
  private final SequencedSet<JobSource> withJobs = new LinkedHashSet<>();
  private final SequencedSet<JobSource> toFlush = new LinkedHashSet<>();
  // the one that was added to those last
  private @Nullable JobSource lastWithJobs;
  private @Nullable JobSource lastToFlush;
  // those that begin when their sources were notified of it
  private final List<NodeJob> toRun = new ArrayList<>();
  // those that wait for room
  private final SequencedSet<JobSource> awaitingRoom = new LinkedHashSet<>();
  // whether a job that did not fit before may fit now
  private boolean roomGrew;
  private long arrivals;
  private boolean draining;
  private @Nullable Runnable whenIdle;
  private @Nullable Consumer<String> onViolation;

  /**
   * Makes an idle engine.
   *
   * @param name the name of the worker
   * @param offer what the node has
   * @param loop its loop
   * @param limits what it keeps to
   */
  public NodeEngine(String name, Offer offer, Loop loop, EngineLimits limits) {
    this.loop = loop;
    this.sharing = new Sharing(offer);
    this.admission = new Admission(name, offer, loop, limits, this::onReports);
  }

  /** Returns its loop. */
  public Loop loop() {
    return loop;
  }

  /**
   * Adds a source that is notified when the node takes no more jobs, and of what the jobs of other
   * sources hold.
   */
  public void attach(JobSource source) {
    attached.add(source);
    sharing.attach(source, heard());
    if (sharing.hasNews()) {
      loop.post(this::batchEnded);
    }
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

  /**
   * Has jobs come from another source from now on, which is notified of what becomes of them;
   * {@link #batchEnded} is to be called then.
   */
  void move(Collection<? extends NodeJob> jobs, JobSource to) {
    List<? extends NodeJob> counted =
        jobs.stream().filter(job -> job.heard == NodeJob.Heard.STARTED).toList();
    counted.forEach(sharing::ended);
    jobs.forEach(job -> job.source = to);
    counted.forEach(sharing::began);
    sharing.moved(heard());
    withJobs.add(to);
    lastWithJobs = null;
    // those of a source that was congested may begin
    admission.onMoved();
  }

  /** Returns the jobs whose start was reported to the loop, but not their end. */
  private List<NodeJob> heard() {
    return admission.unfinished().stream()
        .filter(job -> job.heard == NodeJob.Heard.STARTED)
        .toList();
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
   * Returns whether a job with the demand would start at once if it were added now: the node takes
   * jobs, nobody goes first, and the slots fit.
   */
  public boolean hasRoom(Demand demand) {
    return !draining && admission.hasRoom(demand, arrived);
  }

  /** Has the source called once, by {@link JobSource#onRoom}, when room has been made. */
  public void awaitRoom(JobSource source) {
    awaitingRoom.add(source);
  }

  /**
   * Removes a job that has not started.
   *
   * @return whether it had not
   */
  boolean takeBack(NodeJob job) {
    admitArrived();
    boolean taken = admission.takeBack(job);
    roomGrew |= taken;
    return taken;
  }

  /** Stops a job: one that has not started ends at once, another one is interrupted. */
  void stop(NodeJob job) {
    if (takeBack(job)) {
      job.source.onEnded(job, new AttemptEnd.Cancelled(), 0);
      flushLater(job.source);
    } else if (job.heard != NodeJob.Heard.ENDED && job.stop != NodeJob.StopReason.ASKED) {
      boolean told = job.stop != null;
      job.stop = NodeJob.StopReason.ASKED;
      // the start may be about to be reported to the loop; it is stopped then
      if (!told && job.heard == NodeJob.Heard.STARTED) {
        tellToStop(job);
      }
    }
  }

  /** Forgets a source: gives back those of its jobs that wait, and stops those that run. */
  public void stopAll(JobSource source) {
    attached.remove(source);
    sharing.detach(source);
    withJobs.remove(source);
    lastWithJobs = null;
    awaitingRoom.remove(source);
    roomGrew = true;
    admitArrived();
    admission.takeBackAll(source).forEach(source::onReturned);
    admission.unfinished().stream().filter(job -> job.source == source).forEach(this::stop);
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
    startWhatFits();
    if (roomGrew) {
      tellOfRoom();
    }
    // after what is reported to each about its own jobs
    toFlush.forEach(JobSource::flush);
    toFlush.clear();
    lastToFlush = null;
    if (sharing.isActive()) {
      sharing.tell(admission.isBarred()).forEach(JobSource::flush);
    }
    toRun.forEach(NodeJob::start);
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

  private void startWhatFits() {
    admitArrived();
    List<NodeJob> begun = admission.begin(congested());
    if (!begun.isEmpty()) {
      runAll(begun);
      // in the order in which it happened, after what threads have reported
      hear(admission.reportCount());
    }
  }

  /** What the sources add now comes behind what others have added before. */
  private void tellOfRoom() {
    roomGrew = false;
    if (!awaitingRoom.isEmpty()) {
      List<JobSource> those = List.copyOf(awaitingRoom);
      awaitingRoom.clear();
      those.forEach(JobSource::onRoom);
      startWhatFits();
      if (roomGrew && !awaitingRoom.isEmpty()) {
        loop.post(this::batchEnded);
      }
    }
  }

  /**
   * Has the slots checked after each batch from now on.
   *
   * @param onViolation receives, on the loop, what does not hold
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
          job.start();
        }
      }
      those = those.size() < Admission.MOST_AT_ONCE ? List.of() : admission.beginMore();
    }
  }

  void ended(NodeJob job, AttemptEnd end) {
    runAll(admission.ended(job, end));
  }

  void notRun(NodeJob job, AttemptEnd why) {
    admission.notRun(job, why);
  }

  void printed(NodeJob job, Bytes text, boolean error) {
    admission.printed(job, text, error);
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
        case Report.Finished finished -> onFinished(finished);
        case Report.Printed(NodeJob job, Bytes text, boolean error) -> {
          if (job.heard == NodeJob.Heard.STARTED) {
            job.handOn(text, error);
            flushLater(job.source);
          }
        }
      }
    }
  }

  private void onBegan(NodeJob job) {
    job.heard = NodeJob.Heard.STARTED;
    sharing.began(job);
    job.source.onStarted(job, job.fractions());
    flushLater(job.source);
    long limit = job.order().spec().limits().time();
    if (limit > 0) {
      long left = Math.max(0, limit - (loop.now() - job.startedAt));
      job.timer = loop.schedule(left, () -> onTimeLimit(job));
    }
    if (job.stop != null) {
      tellToStop(job);
    }
    if (!job.mayTakeOver()) {
      toRun.add(job);
    }
  }

  private void onFinished(Report.Finished event) {
    NodeJob job = event.job();
    job.heard = NodeJob.Heard.ENDED;
    sharing.ended(job);
    cancelTimer(job);
    AttemptEnd reported =
        switch (job.stop) {
          case ASKED -> new AttemptEnd.Cancelled();
          case TIMED_OUT -> new AttemptEnd.TimedOut();
          case null -> event.end();
        };
    job.tellWhatWasLeftOut(false);
    job.source.onEnded(job, reported, event.ran());
    flushLater(job.source);
    roomGrew = true;
    if (event.next() != null) {
      onBegan(event.next());
    }
  }

  private void onTimeLimit(NodeJob job) {
    if (job.heard == NodeJob.Heard.STARTED && job.stop == null) {
      job.stop = NodeJob.StopReason.TIMED_OUT;
      tellToStop(job);
    }
  }

  private void tellToStop(NodeJob job) {
    cancelTimer(job);
    long grace = job.order().spec().limits().cancelGrace();
    job.timer = loop.schedule(grace, () -> onGraceOver(job));
    job.tellToStop();
  }

  /** It has not stopped when it was asked to: it is killed if it can be, and its end comes then. */
  private void onGraceOver(NodeJob job) {
    if (job.heard != NodeJob.Heard.STARTED) {
      return;
    }
    if (!job.runs()) {
      // another thread is about to start it, and stops it then
      long grace = job.order().spec().limits().cancelGrace();
      job.timer = loop.schedule(Math.max(LOOK_AGAIN, grace), () -> onGraceOver(job));
    } else if (!job.kill()) {
      job.source.onNotStopping(job, job.stop == NodeJob.StopReason.TIMED_OUT);
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
