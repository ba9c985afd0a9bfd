package dev.grain.node.link;

import dev.grain.wire.Address;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.Dialer;
import dev.grain.wire.Dialer.Dial;
import dev.grain.wire.Hello;
import dev.grain.wire.Redial;
import org.jspecify.annotations.Nullable;

/**
 * A head that a node dials, again and again: a session whose connection is lost goes on, and a head
 * that ends is followed by the next one.
 *
 * <p>To be used on the node's loop.
 */
final class HeadDial {
  private final HeadSessions sessions;
  private final Dialer dialer;
  private final Address head;
  private final Redial redial;

  // all only accessed by the loop
  private HeadSessions.@Nullable Contact contact;
  private String lastReason = "";
  private boolean givenUp;

  HeadDial(HeadSessions sessions, Dialer dialer, Address head) {
    this.sessions = sessions;
    this.dialer = dialer;
    this.head = head;
    this.redial = new Redial(sessions.loop(), this::dialOnce);
  }

  void start() {
    redial.dial();
  }

  private Dial dialOnce() {
    HeadSession suspended = contact == null ? null : contact.session();
    if (suspended != null && suspended.hasEnded()) {
      suspended = null;
    }
    Hello hello = sessions.helloOfDial();
    HeadSessions.Contact next = sessions.new Contact(head.toString(), suspended, this::again);
    contact = next;
    return dialer.dial(
        head,
        suspended == null
            ? hello
            : hello.withSession(suspended.id()).withReceived(suspended.lasting().received()),
        next);
  }

  /** Dials again after a while that grows; reports the reason only when it changes. */
  private void again(Down why) {
    if (givenUp) {
      return;
    }
    if (contact != null && contact.wasUp()) {
      redial.onAnswered();
      lastReason = "";
    }
    if (!why.sentence().equals(lastReason)) {
      lastReason = why.sentence();
      sessions.observer().missed(why.sentence());
    }
    redial.dialLater();
  }

  void giveUp() {
    givenUp = true;
    redial.giveUp();
  }
}
