package dev.grain.node.link;

import dev.grain.loop.Loop;
import dev.grain.wire.Address;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.Dialer;
import dev.grain.wire.Dialer.Dial;
import dev.grain.wire.Hello;
import org.jspecify.annotations.Nullable;

/**
 * A head that a node dials, again and again: a run whose connection is lost goes on, and one that
 * ends is followed by the next one.
 *
 * <p>To be used on the node's loop.
 */
final class HeadDial {
  private static final long FIRST_RETRY = 100_000_000;
  private static final long LONGEST_RETRY = 5_000_000_000L;

  private final HeadSessions sessions;
  private final Dialer dialer;
  private final Address head;

  // all only accessed by the loop
  private HeadSessions.@Nullable Contact contact;
  private @Nullable Dial dial;
  private Loop.@Nullable Timer retry;
  private long delay = FIRST_RETRY;
  private String lastReason = "";
  private boolean givenUp;

  HeadDial(HeadSessions sessions, Dialer dialer, Address head) {
    this.sessions = sessions;
    this.dialer = dialer;
    this.head = head;
  }

  void start() {
    HeadSession suspended = contact == null ? null : contact.session();
    if (suspended != null && suspended.hasEnded()) {
      suspended = null;
    }
    Hello hello = sessions.helloOfDial();
    contact = sessions.new Contact(head.toString(), suspended, this::again);
    dial =
        dialer.dial(
            head,
            suspended == null
                ? hello
                : hello.withSession(suspended.id()).withReceived(suspended.received()),
            contact);
  }

  /** Dials again after a while that grows; says why only when that changes. */
  private void again(Down why) {
    if (givenUp) {
      return;
    }
    if (contact != null && contact.wasUp()) {
      delay = FIRST_RETRY;
      lastReason = "";
    }
    if (!why.sentence().equals(lastReason)) {
      lastReason = why.sentence();
      sessions.runs().missed(why.sentence());
    }
    retry = sessions.loop().schedule(delay, this::start);
    delay = Math.min(2 * delay, LONGEST_RETRY);
  }

  void giveUp() {
    givenUp = true;
    if (retry != null) {
      retry.cancel();
    }
    if (dial != null) {
      dial.cancel();
    }
  }
}
