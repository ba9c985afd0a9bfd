package dev.grain.message;

import dev.grain.bytes.Bytes;
import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Holdings;

/**
 * The messages between a head and a node. A job is named by its number between these two, {@link
 * Order#number()}, and its attempt.
 */
public sealed interface Message {

  /** A message from a head to a node. */
  sealed interface ToNode extends Message
      permits Order,
          TakeBack,
          Stop,
          Settled,
          CodeContent,
          CodeMissing,
          RunOver,
          LoginAnswer,
          Drain {}

  /** A message from a node to a head. */
  sealed interface ToHead extends Message {}

  /** Give the job back if it has not started; answered by {@link Returned}, or not at all. */
  record TakeBack(long job, int attempt) implements ToNode {}

  /** Stop the job; answered by {@link Ended} when it has stopped. */
  record Stop(long job, int attempt) implements ToNode {}

  /**
   * The head needs nothing more of this attempt of a detached job: its end is in the store, or
   * nobody wants it. The node forgets the end; if there is none yet, it stops the attempt and
   * reports nothing more of it.
   */
  record Settled(long job, int attempt) implements ToNode {}

  /**
   * Code that the node asked for.
   *
   * @param hash what it asked for
   * @param content the bytes with that hash
   */
  record CodeContent(Bytes hash, Bytes content) implements ToNode {}

  /**
   * The head does not have the code that the node asked for.
   *
   * @param hash what it asked for
   * @param reason why, in a sentence
   */
  record CodeMissing(Bytes hash, String reason) implements ToNode {}

  /**
   * The run is over: forget its code as soon as the last of its jobs has ended.
   *
   * @param run the id of the run
   */
  record RunOver(String run) implements ToNode {}

  /** What a login is for. */
  enum Service {
    /** A registry of images. */
    DOCKER,
    /** A git server. */
    GIT
  }

  /**
   * The answer to {@link NeedLogin}, with its components.
   *
   * @param result the login, or why there is none
   */
  record LoginAnswer(String run, Service service, String target, LoginResult result)
      implements ToNode {}

  /**
   * The worker is to end: it takes no more jobs, of no head, and ends when those that run have.
   *
   * @param stop whether it ends at once, so that they run again elsewhere
   */
  record Drain(boolean stop) implements ToNode {}

  /**
   * The job holds its slots and starts.
   *
   * @param fractions where these are, among the cores, GPUs and units that the node offers
   */
  record Started(long job, int attempt, Fractions fractions) implements ToHead {}

  /**
   * The function of the job has ended and its slots are free; {@link Ended} follows when its large
   * value has gone over the link.
   *
   * @param ran how long it ran, in nanoseconds
   */
  record Freed(long job, int attempt, long ran) implements ToHead {}

  /**
   * The job has ended and its slots are free.
   *
   * @param end how
   * @param ran how long it ran, in nanoseconds
   */
  record Ended(long job, int attempt, AttemptEnd end, long ran) implements ToHead {}

  /** The job was given back without having started. */
  record Returned(long job, int attempt) implements ToHead {}

  /**
   * The job was asked to stop and has not done so within the cancel grace; it keeps its slots until
   * it ends.
   *
   * @param timedOut whether it was stopped for its time limit
   */
  record NotStopping(long job, int attempt, boolean timedOut) implements ToHead {}

  /**
   * The job printed something.
   *
   * @param text what it printed, in UTF-8
   * @param error whether it was printed on the error stream
   */
  record Output(long job, int attempt, Bytes text, boolean error) implements ToHead {}

  /**
   * The node needs code: the listing of a bundle, or an entry of one. Answered by {@link
   * CodeContent} or {@link CodeMissing}.
   *
   * @param hash the SHA-256 of what it needs
   */
  record NeedCode(Bytes hash) implements ToHead {}

  /**
   * The node needs a login, to prepare a job of the run; answered by {@link LoginAnswer}. While it
   * waits for the answer, it does not ask for the same once more.
   *
   * @param run the id of the run
   * @param target the address that it is for
   */
  record NeedLogin(String run, Service service, String target) implements ToHead {}

  /**
   * The node makes ready what the job needs, without slots; it says so now and then.
   *
   * @param phase what is being done, for people
   */
  record Preparing(long job, int attempt, String phase) implements ToHead {}

  /** How far an attempt is that a node has. */
  enum Held {
    /** It has no slots yet. */
    WAITING,
    /** It holds its slots. */
    RUNNING,
    /** It has ended, and its {@link Ended} follows. */
    ENDED
  }

  /**
   * The node has this attempt of a detached job; sent at the start of a session, for each attempt
   * that is not settled.
   *
   * @param fractions as in {@link Started}, if it runs; otherwise none
   * @param ran how long it has run so far, in nanoseconds; 0 if it has not started
   */
  record Holding(long job, int attempt, Held held, Fractions fractions, long ran)
      implements ToHead {}

  /** Every attempt that the node has of detached jobs was named by {@link Holding}. */
  record HoldingAll() implements ToHead {}

  /** The node starts no more jobs and gives back those that wait; those that run go on. */
  record Draining() implements ToHead {}

  /**
   * What jobs of others hold on the node, from now on: those of other heads. It agrees with what
   * this head was notified of before about its own jobs.
   *
   * @param barred whether a job that waits on the node, of whichever head, has let as many pass as
   *     it has to, so that no younger one starts before it
   */
  record OthersHold(Holdings holdings, boolean barred) implements ToHead {}
}
