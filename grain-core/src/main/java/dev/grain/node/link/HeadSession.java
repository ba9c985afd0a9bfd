package dev.grain.node.link;

import dev.grain.message.Message;
import dev.grain.session.Session;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.LastDial;
import dev.grain.wire.LastingSession;

/**
 * What a node has to do with one life of a head, from its start to its end: its jobs, and what
 * their runs need. It outlives its connections: while there is none its jobs continue, and what is
 * sent to the head waits.
 *
 * <p>To be used on the node's loop.
 */
final class HeadSession {
  private final HeadSessions all;
  private final String id;
  private final String head;
  private final String from;
  private final HeadLink link;
  private final Session<Message.ToNode, Message.ToHead> session;

  private final LastingSession lasting;
  private final LastDial lastDial;

  // only accessed by the loop
  private boolean ended;

  /**
   * Makes a session without a connection.
   *
   * @param id the name of the session, which the head has made
   * @param head the id of this life of the head
   * @param from whom it is with, for people
   * @param dial the number of the dial of the head by which it starts; 0 if it has not dialed
   */
  HeadSession(HeadSessions all, String id, String head, String from, long dial) {
    this.all = all;
    this.id = id;
    this.head = head;
    this.from = from;
    HeadSessionSettings settings = all.settings();
    this.link = new HeadLink(all.engine(), all.equip(), settings.largeValue());
    this.session =
        new Session<>(all.loop(), settings.limits(), all.arrivals(), Message.ToNode.class, link);
    this.lasting = new LastingSession(session, all.loop());
    this.lastDial = new LastDial(dial);
    link.open(session);
  }

  String id() {
    return id;
  }

  /** Returns the id of this life of the head. */
  String head() {
    return head;
  }

  String from() {
    return from;
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

  /** Returns whether the head has received everything that was sent. */
  boolean isDelivered() {
    return session.outboxBytes() == 0;
  }

  /** Calls back once, when {@link #isDelivered} holds. */
  void whenDelivered(Runnable action) {
    session.whenDelivered(action);
  }

  /** Its connection is down. */
  void onDown(Down why) {
    lasting.leaveConnection();
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
    lasting.leaveConnection();
    if (!ended && !lasting.awaitsConnection()) {
      await(all.settings().grace(), why);
    }
  }

  private void await(long nanos, Down why) {
    all.observer().suspended(head, from, nanos, why.sentence());
    lasting.awaitConnection(nanos, () -> end("It has not come back in time."));
  }

  /** Ends it: its jobs are stopped, and nothing is sent to the head any more. */
  void end(String why) {
    if (ended) {
      return;
    }
    ended = true;
    lasting.close();
    link.leave();
    all.onEnded(this, why);
  }

  /** Ends it on purpose, and notifies the head. */
  void leave(String reason) {
    lasting.sayGoodbye(reason);
    end(reason);
  }
}
