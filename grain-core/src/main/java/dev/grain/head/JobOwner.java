package dev.grain.head;

import dev.grain.Cause;
import dev.grain.dispatch.JobEnd;
import dev.grain.dispatch.RunProgress;
import dev.grain.message.Message;
import dev.grain.schedule.Node;
import dev.grain.schedule.Scheduler;
import dev.grain.schedule.Tally;
import org.jspecify.annotations.Nullable;

/**
 * Whose a job on the head is: its run, with the code and the logins that nodes ask for, and how
 * many of its jobs are where.
 *
 * <p>Unless stated otherwise, its state belongs to the head's loop.
 */
abstract sealed class JobOwner permits Client, DetachedClient {
  final Head head;
  private final String run;
  private final CodeLibrary library;
  private final LoginLibrary logins;

  private final Tally tally = new Tally();
  private long submitted;
  private long succeeded;
  private long failed;
  private long cancelled;
  private long bytesOut;
  private long bytesBack;
  // a job for which a node made something ready when it was last heard of
  private @Nullable HeadJob preparing;
  // whether it is among those that the head publishes after the next pass
  private boolean changed;

  // written by the loop, read by any thread
  private volatile RunProgress progress = RunProgress.NONE;

  JobOwner(Head head, String run, CodeLibrary library, LoginLibrary logins) {
    this.head = head;
    this.run = run;
    this.library = library;
    this.logins = logins;
  }

  /** Returns the id of the run. */
  public final String run() {
    return run;
  }

  final CodeLibrary library() {
    return library;
  }

  final LoginLibrary logins() {
    return logins;
  }

  /** Returns how far the run is; for any thread. */
  public final RunProgress progress() {
    return progress;
  }

  final Scheduler scheduler() {
    return head.scheduler();
  }

  /** Returns how many of its jobs are where; changed by the scheduler alone. */
  final Tally tally() {
    return tally;
  }

  final long submitted() {
    return submitted;
  }

  final long bytesOut() {
    return bytesOut;
  }

  final long bytesBack() {
    return bytesBack;
  }

  // ---------------------------------------------------------------- its jobs

  /** A job has come. */
  abstract void onSubmitted(HeadJob job);

  /** A job has come which the head cannot take any more. */
  abstract void refuse(HeadJob job, String reason);

  /** A job has ended. */
  abstract void deliver(HeadJob job, JobEnd end);

  /** An attempt has failed, and its client must decide whether there is another one. */
  abstract void onFailedAttempt(HeadJob job, int attempt, JobEnd end);

  /** Returns whether its jobs end as there is nobody to run them. */
  boolean isGivenUp() {
    return false;
  }

  /** Returns whether its jobs go on when the head does not. */
  boolean outlivesHead() {
    return false;
  }

  /** Returns whether a message about a job is not to be sent now, but by the owner, later. */
  boolean defers(HeadJob job, Node node, Message.ToNode message) {
    return false;
  }

  final void onSubmitted() {
    submitted++;
  }

  /** An attempt of a job was sent to a node. */
  final void onSent(HeadJob job) {
    bytesOut += job.size();
  }

  /** Counts a job that has ended. */
  final void count(HeadJob job, JobEnd end) {
    switch (end) {
      case JobEnd.Returned _ -> succeeded++;
      case JobEnd.Ended ended when ended.cause() == Cause.CANCELLED -> cancelled++;
      case JobEnd.Threw _, JobEnd.Ended _ -> failed++;
    }
    bytesBack += end.size();
    onChanged();
    HeadRecording.ended(run, job, end);
  }

  final long ended() {
    return succeeded + failed + cancelled;
  }

  // ---------------------------------------------------------------- progress

  /** A node has reported what it makes ready for a job. */
  void onPreparing(HeadJob job) {
    preparing = job;
    onChanged();
  }

  /** Something of its progress has changed. */
  final void onChanged() {
    if (!changed) {
      changed = true;
      head.publishLater(this);
    }
  }

  /** Lets everybody see its progress. */
  final void publish() {
    changed = false;
    progress = progressNow();
  }

  final RunProgress progressNow() {
    String phase = preparing == null ? null : head.preparing(preparing);
    if (phase == null) {
      preparing = null;
    }
    return new RunProgress(
        tally.toCounts(scheduler().counts().late()),
        succeeded,
        failed,
        cancelled,
        phase == null ? "" : phase);
  }
}
