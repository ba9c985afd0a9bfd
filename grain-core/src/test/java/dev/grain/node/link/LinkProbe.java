package dev.grain.node.link;

import dev.grain.message.Message;

/** A look into the sessions of a node that only tests take. */
public final class LinkProbe {
  private LinkProbe() {}

  /** Returns whether all heads have everything that was sent to them. */
  public static boolean isDelivered(HeadSessions sessions) {
    return sessions.undelivered() == null;
  }

  /** Forgets the ends that heads that are away have not settled. */
  public static void forgetOrphanedEnds(HeadSessions sessions) {
    for (Orphans orphans : sessions.orphans()) {
      for (Message.Ended end : orphans.link().unsettled()) {
        orphans.link().received(new Message.Settled(end.job(), end.attempt()));
      }
    }
  }

  /** Gives up the heads that are away. */
  public static void abandonOrphans(HeadSessions sessions) {
    sessions.orphans().forEach(each -> sessions.abandon(each.head()));
  }

  /** Waits for the heads that are away forever. */
  public static void forgetOrphanTimers(HeadSessions sessions) {
    sessions.orphans().forEach(Orphans::end);
  }
}
