package dev.grain.node.link;

import dev.grain.loop.Loop;

/**
 * The detached jobs of a head that is away: they run on, and their ends are kept, until a life of
 * the head is back or the time is over.
 *
 * <p>To be used on the node's loop.
 */
final class Orphans {
  private final String head;
  private final String from;
  private final HeadLink link;
  private final Loop.Timer timer;

  /**
   * Keeps the jobs of a link.
   *
   * @param head the id that all lives of the head have
   * @param from where it was, for people
   * @param link has the jobs, and no connection
   * @param nanos for how long
   * @param whenOver called when the time is over
   */
  Orphans(String head, String from, HeadLink link, Loop loop, long nanos, Runnable whenOver) {
    this.head = head;
    this.from = from;
    this.link = link;
    this.timer = loop.schedule(nanos, whenOver);
  }

  String head() {
    return head;
  }

  String from() {
    return from;
  }

  HeadLink link() {
    return link;
  }

  /** The head is back, or nobody waits for it any more. */
  void end() {
    timer.cancel();
  }
}
