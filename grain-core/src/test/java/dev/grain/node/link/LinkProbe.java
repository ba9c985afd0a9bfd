package dev.grain.node.link;

/** A look into the sessions of a node that only tests take. */
public final class LinkProbe {
  private LinkProbe() {}

  /** Returns whether all heads have everything that was sent to them. */
  public static boolean isDelivered(HeadSessions sessions) {
    return sessions.undelivered() == null;
  }
}
