package dev.grain.head;

import dev.grain.Attempt;
import dev.grain.Cause;
import dev.grain.bytes.Bytes;
import dev.grain.dispatch.JobEnd;
import dev.grain.jfr.FlightRecording;
import dev.grain.jfr.FlightRecording.Side;
import dev.grain.jfr.SchedulingPass;
import dev.grain.schedule.Node;
import dev.grain.schedule.Scheduler;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells flight recordings what becomes of jobs on the head. */
final class HeadRecording {
  private HeadRecording() {}

  /** Returns the recording of a pass that starts, to be ended; null if recording is off. */
  static @Nullable SchedulingPass pass(String run, long decisions, Scheduler scheduler) {
    return FlightRecording.wantsPasses()
        ? FlightRecording.pass(run, decisions, scheduler.steps())
        : null;
  }

  /** Records that a job is sent to a node, if anybody wants it. */
  static void sent(HeadJob job, Node node) {
    FlightRecording.sent(
        job.owner().run(),
        job.id(),
        job.attempt(),
        job.name(),
        node.name(),
        job.template().demand(),
        job.size());
  }

  /** Records that a node has reported the start of a job, if recording is on. */
  static void started(HeadJob job, Node node) {
    if (FlightRecording.wantsStarts()) {
      FlightRecording.started(
          Side.HEAD, job.owner().run(), job.id(), job.attempt(), job.name(), node.name());
    }
  }

  /** Records the end of a job, if anybody wants it. */
  static void ended(String run, HeadJob job, JobEnd end) {
    if (!FlightRecording.wantsEnds()) {
      return;
    }
    switch (end) {
      case JobEnd.Returned value ->
          record(run, job, value.worker(), "SUCCEEDED", value.ran(), end.size());
      case JobEnd.Threw(Bytes _, String worker, var attempts) ->
          record(run, job, worker, Cause.FAILED.name(), lastRun(attempts), end.size());
      case JobEnd.Ended(Cause cause, var _, var attempts) ->
          record(run, job, lastWorker(attempts), cause.name(), lastRun(attempts), end.size());
    }
  }

  private static void record(
      String run, HeadJob job, String worker, String end, long ran, long size) {
    FlightRecording.ended(run, job.id(), job.attempt(), job.name(), worker, end, ran, size);
  }

  private static String lastWorker(List<Attempt> attempts) {
    return attempts.isEmpty() ? "" : attempts.getLast().worker();
  }

  private static long lastRun(List<Attempt> attempts) {
    return attempts.isEmpty() ? 0 : attempts.getLast().ran().toNanos();
  }
}
