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

  /** A head has left. */
  void left(String head, String from, String why);

  /** A head that is dialed again and again does not answer; not reported twice in a row. */
  void missed(String why);
}
