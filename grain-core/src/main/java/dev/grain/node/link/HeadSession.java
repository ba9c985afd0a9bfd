package dev.grain.node.link;

import dev.grain.message.Message;
import dev.grain.session.Session;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.Hello;
import dev.grain.wire.LastDial;
import dev.grain.wire.LastingSession;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a node has to do with one life of a head, from its start to its end: its jobs, and what
 * their runs need. It outlives its connections: while there is none its jobs continue, and what is
 * sent to the head waits.
 *
 * <p>To be used on the node's loop.
 */
final class HeadSession {
  /** Ten years. */
  private static final long LONGEST_ORPHANS = TimeUnit.DAYS.toMillis(3650);

  private final HeadSessions all;
  private final String id;
  private final String head;
  private final String from;
  private final HeadLink link;
  private final Session<Message.ToNode, Message.ToHead> session;

  private final LastingSession lasting;
  private final LastDial lastDial;

  private final String lastingHead;
  private final long orphans;

  // both only accessed by the loop
  private boolean ended;
  // when it was cut off, if it has no connection
  private long cutOffAt;

  /**
   * Makes a session without a connection.
   *
   * @param id the name of the session, which the head has made
   * @param peer the greeting of the head by which it starts
   * @param from whom it is with, for people
   * @param former has what is left of an earlier session with a life of the head; null if there is
   *     nothing
   */
  HeadSession(HeadSessions all, String id, Hello peer, String from, @Nullable HeadLink former) {
    this.all = all;
    this.id = id;
    this.head = peer.head();
    this.from = from;
    this.lastingHead = peer.lasting();
    this.orphans = TimeUnit.MILLISECONDS.toNanos(Math.min(peer.orphans(), LONGEST_ORPHANS));
    HeadSessionSettings settings = all.settings();
    this.link =
        all.link(lastingHead, drain -> all.observer().drainWanted(head, from, drain.stop()));
    this.session =
        new Session<>(all.loop(), settings.limits(), all.arrivals(), Message.ToNode.class, link);
    this.lasting = new LastingSession(session, all.loop());
    this.lastDial = new LastDial(peer.dial());
    if (former != null) {
      link.takeOver(former);
    }
    link.open(session);
  }

  String id() {
    return id;
  }

  /** Returns the id of this life of the head. */
  String head() {
    return head;
  }

  /** Returns the id that all lives of the head have; empty if it has one life. */
  String lastingHead() {
    return lastingHead;
  }

  /** Returns whether it is with another life of the same head. */
  boolean isOfAnotherLife(Hello peer) {
    return !lastingHead.isEmpty()
        && lastingHead.equals(peer.lasting())
        && !head.equals(peer.head());
  }

  String from() {
    return from;
  }

  HeadLink link() {
    return link;
  }

  /** Returns for how many nanoseconds its detached jobs are to be kept from now on. */
  long orphansLeft() {
    long away = lasting.isConnected() ? 0 : all.loop().now() - cutOffAt;
    return Math.max(0, orphans - away);
  }

  boolean hasEnded() {
    return ended;
  }

  /** Takes note of a dial of the head, and returns whether a later one was here before. */
  boolean isLate(long dial) {
    return lastDial.isLate(dial);
  }

  LastingSession lasting() {
    return lasting;
  }

  /** Returns whether the head has received everything that was sent, and settled what it must. */
  boolean isDelivered() {
    return session.outboxBytes() == 0 && !link.hasUnsettled();
  }

  /** Calls back once, when {@link #isDelivered} may hold. */
  void whenDelivered(Runnable action) {
    if (session.outboxBytes() == 0) {
      link.whenSettled(action);
    } else {
      session.whenDelivered(action);
    }
  }

  /** Its connection is down. */
  void onDown(Down why) {
    lasting.leaveConnection();
    cutOffAt = all.loop().now();
    if (why.endsSession()) {
      end(why.sentence());
    } else {
      HeadSessionSettings settings = all.settings();
      boolean closed = why.kind() == Down.Kind.CLOSED;
      await(closed ? Math.min(settings.grace(), settings.closedGrace()) : settings.grace(), why);
    }
  }

  /** The head reports that the connection is lost; it comes back over another one. */
  void suspend(Down why) {
    if (lasting.leaveConnection()) {
      cutOffAt = all.loop().now();
    }
    if (!ended && !lasting.awaitsConnection()) {
      await(all.settings().grace(), why);
    }
  }

  private void await(long nanos, Down why) {
    all.observer().suspended(head, from, nanos, why.sentence());
    lasting.awaitConnection(nanos, () -> end("It has not come back in time."));
  }

  /**
   * Ends it: its jobs are stopped, but for detached ones, and nothing is sent to the head any more.
   */
  void end(String why) {
    if (ended) {
      return;
    }
    ended = true;
    long left = orphansLeft();
    link.keepOutput(session.unsent());
    lasting.close();
    all.keepOrphans(this, left, why);
    link.leave();
    all.onEnded(this, why);
  }

  /** Ends it on purpose, and notifies the head. */
  void leave(String reason) {
    lasting.sayGoodbye(reason);
    end(reason);
  }
}
