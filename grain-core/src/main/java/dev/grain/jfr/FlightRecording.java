package dev.grain.jfr;

import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * Tells flight recordings what happens, if there are some that want it.
 *
 * <p>Implementation note: to load the class of an event wakes the Flight Recorder, which takes a
 * tenth of a second, and fails in a runtime that was linked without it. So everybody else asks this
 * class, which touches them only when somebody else has woken it; no event is made that nobody
 * wants.
 */
public final class FlightRecording {
  private static final boolean AVAILABLE = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private FlightRecording() {}

  /** The types of the events, once the Flight Recorder is awake. */
  private static final class Types {
    static final EventType SUBMITTED = EventType.getEventType(JobSubmitted.class);
    static final EventType SENT = EventType.getEventType(JobSent.class);
    static final EventType STARTED = EventType.getEventType(JobStarted.class);
    static final EventType ENDED = EventType.getEventType(JobEnded.class);
    static final EventType PASS = EventType.getEventType(SchedulingPass.class);
  }

  private static boolean isAwake() {
    return AVAILABLE && FlightRecorder.isInitialized();
  }

  /** Returns whether anybody wants to know which attempts start. */
  public static boolean wantsStarts() {
    return isAwake() && Types.STARTED.isEnabled();
  }

  /** Returns whether anybody wants to know how jobs end. */
  public static boolean wantsEnds() {
    return isAwake() && Types.ENDED.isEnabled();
  }

  /** Returns whether anybody wants to know of the passes of the scheduler. */
  public static boolean wantsPasses() {
    return isAwake() && Types.PASS.isEnabled();
  }

  /**
   * A program submits a job.
   *
   * @param run the id of the run
   * @param job the number of the job
   * @param name the name of the job; empty if it has none
   * @param group what the job belongs to; turned into text if anybody wants it
   * @param request what the job asks for; turned into text if anybody wants it
   * @param size how many bytes its captured values and arguments take
   */
  public static void submitted(
      String run, long job, String name, Object group, Object request, long size) {
    if (isAwake() && Types.SUBMITTED.isEnabled()) {
      new JobSubmitted(run, job, name, group.toString(), request.toString(), size).commit();
    }
  }

  /**
   * The head sends a job to a worker.
   *
   * @param run the id of the run
   * @param job the number of the job
   * @param attempt the number of the attempt
   * @param name the name of the job; empty if it has none
   * @param worker the name of the worker
   * @param request what the job asks for; turned into text if anybody wants it
   * @param size how many bytes its captured values and arguments take
   */
  public static void sent(
      String run, long job, int attempt, String name, String worker, Object request, long size) {
    if (isAwake() && Types.SENT.isEnabled()) {
      new JobSent(run, job, attempt, name, worker, request.toString(), size).commit();
    }
  }

  /**
   * An attempt has started.
   *
   * @param side who saw it
   * @param run the id of the run
   * @param job the number of the job
   * @param attempt the number of the attempt
   * @param name the name of the job; empty if it has none
   * @param worker the name of the worker
   */
  public static void started(
      Side side, String run, long job, int attempt, String name, String worker) {
    if (wantsStarts()) {
      new JobStarted(run, job, attempt, name, worker, side).commit();
    }
  }

  /**
   * An attempt starts on its worker; to be called on the thread of the job.
   *
   * @param run the id of the run
   * @param job the number of the job
   * @param attempt the number of the attempt
   * @param name the name of the job; empty if it has none
   * @param worker the name of the worker
   * @return the recording to be ended on the same thread; null if recording is off
   */
  public static @Nullable JobEnded begin(
      String run, long job, int attempt, String name, String worker) {
    if (!wantsEnds()) {
      return null;
    }
    JobEnded event = new JobEnded(run, job, attempt, name, worker, Side.WORKER);
    event.ran = System.nanoTime();
    event.begin();
    return event;
  }

  /**
   * The program gets the end of a job.
   *
   * @param run the id of the run
   * @param job the number of the job
   * @param attempt the number of the last attempt
   * @param name the name of the job; empty if it has none
   * @param worker the worker of the last attempt; empty if there was none
   * @param end how it ended
   * @param ran how long the last attempt ran, in nanoseconds; 0 if that is not known
   * @param size how many bytes the value or the failure takes
   */
  public static void ended(
      String run,
      long job,
      int attempt,
      String name,
      String worker,
      String end,
      long ran,
      long size) {
    if (wantsEnds()) {
      JobEnded event = new JobEnded(run, job, attempt, name, worker, Side.HEAD);
      event.ran = ran;
      event.commitAs(end, size);
    }
  }

  /**
   * A pass of the scheduler starts.
   *
   * @param run the id of the run
   * @param decisions how many decisions were taken before
   * @param steps how many steps were made before
   * @return the recording to be ended on the same thread; null if recording is off
   */
  public static @Nullable SchedulingPass pass(String run, long decisions, long steps) {
    if (!wantsPasses()) {
      return null;
    }
    SchedulingPass event = new SchedulingPass(run, decisions, steps);
    event.begin();
    return event;
  }

  /** Who saw what happened to a job: both do, and in one process if the worker is embedded. */
  public enum Side {
    /** The program. */
    HEAD,
    /** The worker that has the job. */
    WORKER
  }
}
