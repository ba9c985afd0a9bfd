package dev.grain.message;

import dev.grain.bytes.Bytes;

/** How an attempt ended on its node. */
public sealed interface AttemptEnd {
  /**
   * The function returned.
   *
   * @param value what it returned, encoded
   */
  record Value(Bytes value) implements AttemptEnd {}

  /**
   * The function threw, or something of it could not be decoded or encoded.
   *
   * @param failure what was thrown, encoded
   * @param words its class and its message, for people; one line
   */
  record Failure(Bytes failure, String words) implements AttemptEnd {}

  /** It was stopped at its time limit. */
  record TimedOut() implements AttemptEnd {}

  /**
   * Its processes needed more memory than it holds, and were killed, or its JVM used up its heap.
   *
   * @param reason what it needed and what to do, as what follows the name of the job in a sentence
   * @param limit how many bytes it could use; negative if not known
   * @param peak how many bytes its processes used at most; negative if not known
   */
  record OutOfMemory(String reason, long limit, long peak) implements AttemptEnd {}

  /** It was stopped, or called off before it started, because the head asked for it. */
  record Cancelled() implements AttemptEnd {}

  /**
   * It never started, and would not on another node either: its code is not complete, for example.
   *
   * @param reason why, as what follows the name of the worker in a sentence
   */
  record NotStarted(String reason) implements AttemptEnd {}

  /**
   * It never started, for a reason of this node, such as a full disk; on another one it may.
   *
   * @param reason why, in a sentence
   */
  record Unable(String reason) implements AttemptEnd {}

  /**
   * It never started, as this node could not make ready what its setting names, for a reason of its
   * own, such as a tool that is not installed. On another node it may start, and jobs with other
   * settings may start here.
   *
   * @param reason why, in a sentence
   */
  record Unprepared(String reason) implements AttemptEnd {}
}
