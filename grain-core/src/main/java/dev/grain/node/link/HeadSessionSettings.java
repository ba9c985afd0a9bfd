package dev.grain.node.link;

import dev.grain.session.SessionLimits;

/**
 * What the sessions of a node with heads keep to.
 *
 * @param limits what each session keeps to
 * @param largeValue from how many bytes on a value takes so long on the link that the slots are
 *     reported as free before
 * @param grace after how many nanoseconds without a connection a session ends
 * @param closedGrace the same where the head's machine has closed the connection, though not the
 *     head itself by a goodbye: most likely the process has died
 */
public record HeadSessionSettings(
    SessionLimits limits, long largeValue, long grace, long closedGrace) {
  private static final long CLOSED_GRACE = 10_000_000_000L;

  /** Keeps a session for this long, and less if its head is probably dead. */
  public static HeadSessionSettings of(long grace) {
    return new HeadSessionSettings(
        SessionLimits.ofThisHeap(), HeadLink.LARGE_VALUE, grace, Math.min(grace, CLOSED_GRACE));
  }
}
