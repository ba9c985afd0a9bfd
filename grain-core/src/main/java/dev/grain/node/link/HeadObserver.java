package dev.grain.node.link;

/** Is notified of the state of the heads of a node. Called on the loop; must not block. */
public interface HeadObserver {
  /** A head has joined. */
  void joined(String head, String from);

  /**
   * The connection with a head is lost.
   *
   * @param nanos how long it is waited for
   * @param why a sentence
   */
  void suspended(String head, String from, long nanos, String why);

  /** The session with a head goes on over another connection. */
  void resumed(String head, String from);

  /**
   * The session with a head is over that outlives its processes: its detached jobs run on.
   *
   * @param head the id that all lives of the head have
   * @param jobs how many there are
   * @param nanos how long the head is waited for
   * @param why a sentence
   */
  default void orphaned(String head, String from, int jobs, long nanos, String why) {}

  /**
   * A life of a head is back that was away.
   *
   * @param jobs how many of its detached jobs are still there
   */
  default void adopted(String head, String from, int jobs) {}

  /**
   * A head has not come back in time: its detached jobs are stopped.
   *
   * @param jobs how many there are
   */
  default void abandoned(String head, String from, int jobs) {}

  /**
   * A head wants the worker to end: to take no more jobs, and to end when those that run have.
   *
   * @param stop whether it is to end at once
   */
  default void drainWanted(String head, String from, boolean stop) {}

  /** A head has left. */
  void left(String head, String from, String why);

  /** A head that is dialed again and again does not answer; not reported twice in a row. */
  void missed(String why);
}
