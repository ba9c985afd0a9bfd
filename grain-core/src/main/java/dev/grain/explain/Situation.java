package dev.grain.explain;

import dev.grain.Attempt;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where a job is and why, as it was at one moment.
 *
 * @param place where it is
 * @param attempts the attempts that have ended, the first one first
 */
public record Situation(Place place, List<Attempt> attempts) {
  /** Where a job is, with what is to be known of it there. */
  public sealed interface Place {}

  // ---------------------------------------------------------------- on the head

  /** It is not in the queue yet. */
  public record Submitted() implements Place {}

  /** Its client has not decided yet whether there is this attempt. */
  public record Undecided(int attempt) implements Place {}

  /** It waits for the time of this attempt. */
  public record Delayed(int attempt, Duration left) implements Place {}

  /** It is held: it goes to no worker until somebody resumes it. */
  public record Held() implements Place {}

  /** It waits for other jobs, as the order is strict. */
  public record InLine(OlderJobs older, HigherJobs higher) implements Place {}

  /** It waits, and there is no worker. */
  public record Workerless() implements Place {}

  /**
   * It waits for a worker that has what it wants.
   *
   * @param older those that wait for the same before it, of no higher priority
   * @param precedence what counts besides the age
   * @param meetable whether some worker could ever run it
   * @param nearest what prevents the workers that come nearest to running it, the nearest first
   * @param otherWorkers how many workers there are beside these
   */
  public record Waiting(
      Wanted wanted,
      OlderJobs older,
      Precedence precedence,
      boolean meetable,
      List<Obstacle> nearest,
      int otherWorkers)
      implements Place {}

  // ---------------------------------------------------------------- at a worker

  /** It was sent to a worker that is out of reach. */
  public record SentOutOfReach(String worker) implements Place {}

  /** It was sent to a worker that has slots for it. */
  public record SentToStart(String worker, Demand demand) implements Place {}

  /**
   * It was sent to a worker that makes ready what it needs.
   *
   * @param phase what is being done
   */
  public record Preparing(String worker, String phase) implements Place {}

  /** It was sent to a worker before that has room. */
  public record SentEarly(Wanted wanted, Obstacle obstacle) implements Place {}

  /**
   * It was sent to a worker, and is to go elsewhere.
   *
   * @param destination the worker that has room for it; empty if it is because others have passed
   *     it where it is
   */
  public record AskedBack(String worker, Optional<String> destination) implements Place {}

  /** It runs. */
  public record Running(String worker, boolean reachable, Demand demand, Duration ran)
      implements Place {}

  /** It has ended, and its value is on the way. */
  public record Returning(String worker) implements Place {}

  /**
   * It was asked to stop.
   *
   * @param ran how long ago it started; empty if it is not known to have started
   */
  public record Stopping(String worker, boolean reachable, Optional<Duration> ran)
      implements Place {}

  /** It has ended for its client, and still holds slots of the worker. */
  public record GivenUp(String worker) implements Place {}

  /** It has ended. */
  public record Ended() implements Place {}

  // ---------------------------------------------------------------- what it wants

  /**
   * What a job waits for.
   *
   * @param alone whether it is to run alone on a worker
   * @param losses how often it was running when a worker died
   */
  public record Wanted(Demand demand, boolean alone, int losses) {}

  /**
   * How many older jobs there are.
   *
   * @param counted how many were counted
   * @param more whether there are more than that
   */
  public record OlderJobs(int counted, boolean more) {}

  /** What decides, besides the age, which job goes first. */
  public sealed interface Precedence {}

  /**
   * The priority: how many jobs of a higher one there are before it, whatever they ask for.
   *
   * @param counted how many were counted
   * @param more whether there are more than that
   */
  public record HigherJobs(int counted, boolean more) implements Precedence {}

  /**
   * A raffle.
   *
   * @param held how many tickets its line holds
   * @param total how many there are of lines with jobs that wait
   * @param more whether there are lines that were not counted
   */
  public record Tickets(double held, double total, boolean more) implements Precedence {}

  // ---------------------------------------------------------------- what is in the way

  /** What prevents a worker from running a job. */
  public sealed interface Obstacle {
    /** Returns the name of the worker. */
    String worker();
  }

  /** It takes no more jobs. */
  public record LeavingWorker(String worker) implements Obstacle {}

  /**
   * It has too little.
   *
   * @param kind of what
   * @param total how much it has, in units of the kind
   */
  public record SmallWorker(String worker, Kind kind, long total) implements Obstacle {}

  /** It does not offer these units, of which the job asks for each by its id. */
  public record MissingUnits(String worker, List<Kind> units) implements Obstacle {}

  /** It has too little, in a way that no amount shows. */
  public record UnfitWorker(String worker) implements Obstacle {}

  /**
   * It will end before the job could have.
   *
   * @param left until it ends
   * @param needed how long the job may take
   */
  public record EndingWorker(String worker, Duration left, Duration needed) implements Obstacle {}

  /** It is out of reach. */
  public record UnreachableWorker(String worker) implements Obstacle {}

  /**
   * It gets no jobs for a while, as it could not start several.
   *
   * @param problem why it could not start the last one
   */
  public record FailingWorker(String worker, Duration left, String problem) implements Obstacle {}

  /**
   * It gets no jobs with the setting of this one for a while, as it could not prepare that.
   *
   * @param problem why it could not
   */
  public record UnpreparedWorker(String worker, Duration left, String problem)
      implements Obstacle {}

  /** It has what the job wants, and is about to start it. */
  public record RoomyWorker(String worker) implements Obstacle {}

  /** Others hold what the job wants. */
  public record BusyWorker(String worker, Headroom headroom) implements Obstacle {}

  /** It is reserved for the job, and others still hold what it wants. */
  public record ReservedWorker(String worker, Headroom headroom) implements Obstacle {}

  /**
   * What it has free is kept for another job, for which it is reserved.
   *
   * @param older whether that is older, and comes before the job in the queue
   * @param lacking what it has free if that is too little for the job anyway
   */
  public record WorkerOfAnother(
      String worker, String job, boolean older, Optional<Headroom> lacking) implements Obstacle {}

  /**
   * It starts a job first that has waited there for long.
   *
   * @param lacking what it has free if that is too little for the job anyway
   */
  public record BarredWorker(String worker, String job, Optional<Headroom> lacking)
      implements Obstacle {}

  /** What a worker has free of what a job wants. */
  public sealed interface Headroom {}

  /**
   * A job has it that must be alone.
   *
   * @param ofOthers whether that is a job of another program
   */
  public record HeldAlone(boolean ofOthers) implements Headroom {}

  /** It lacks amounts. */
  public record Lacking(List<Shortage> shortages) implements Headroom {}

  /** It has other jobs, and no amount is lacking. */
  public record OtherJobs(int count) implements Headroom {}

  /**
   * An amount that is lacking.
   *
   * @param free how much is free, in units of the kind
   * @param total how much there is
   * @param apart whether enough is free, and not on one core or GPU
   * @param others how much other programs hold
   */
  public record Shortage(Kind kind, long free, long total, boolean apart, long others) {}
}
