package dev.grain.node.link;

import dev.grain.loop.Loop;
import dev.grain.message.Message;
import dev.grain.session.Frame;
import dev.grain.session.Session;
import dev.grain.session.WireException;
import dev.grain.wire.Connection;
import dev.grain.wire.Connection.Down;
import org.jspecify.annotations.Nullable;

/**
 * What a node has to do with one run, from its begin to its end: its jobs, their code and their
 * threads. It outlives its connections: while there is none its jobs go on, and what is said to the
 * head waits.
 *
 * <p>To be used on the node's loop.
 */
final class HeadSession {
  private final HeadSessions all;
  private final String id;
  private final String run;
  private final String from;
  private final HeadSessions.Equipment equipment;
  private final HeadLink link;
  private final Session<Message.ToNode, Message.ToHead> session;

  // all only accessed by the loop
  private @Nullable Connection connection;
  private Loop.@Nullable Timer grace;
  private boolean ended;

  // the number of the head's dial that came last; 0 if it has not dialed
  private long lastDial;

  /**
   * Makes a session without a connection.
   *
   * @param id the name of the session, which the head has made
   * @param from whom it is with, for people
   */
  HeadSession(
      HeadSessions all, String id, String run, String from, HeadSessions.Equipment equipment) {
    this.all = all;
    this.id = id;
    this.run = run;
    this.from = from;
    this.equipment = equipment;
    HeadSessions.Settings settings = all.settings();
    this.link =
        new HeadLink(all.engine(), equipment.runner(), equipment.code(), settings.largeValue());
    this.session =
        new Session<>(all.loop(), settings.limits(), all.arrivals(), Message.ToNode.class, link);
    link.open(session);
  }

  String id() {
    return id;
  }

  String run() {
    return run;
  }

  String from() {
    return from;
  }

  boolean hasEnded() {
    return ended;
  }

  /**
   * Takes note of a dial of the head for the same run, and returns whether it is a late one:
   * another one, which came after it, was here before.
   */
  boolean isLate(long dial) {
    boolean late = dial <= lastDial;
    lastDial = Math.max(lastDial, dial);
    return late;
  }

  /** Returns the number of the last thing received. */
  long received() {
    return session.received();
  }

  /** Returns whether the head has everything that it was told. */
  boolean isDelivered() {
    return session.outboxBytes() == 0;
  }

  /** Calls back once, when {@link #isDelivered} holds. */
  void whenDelivered(Runnable action) {
    session.whenDelivered(action);
  }

  /**
   * Goes on over a connection, in place of the one it has, if any.
   *
   * @param receivedByHead the number of the last thing that the head has received
   * @throws WireException if it cannot go on from there
   */
  void attach(Connection newer, long receivedByHead) throws WireException {
    leaveConnection();
    session.attach(newer, receivedByHead);
    connection = newer;
    if (grace != null) {
      grace.cancel();
      grace = null;
    }
  }

  void receive(Connection from, Frame frame) throws WireException {
    if (from == connection) {
      session.receive(frame);
    }
  }

  void batchEnded(Connection from) {
    if (from == connection) {
      session.batchEnded();
    }
  }

  void onWritable(Connection from) {
    if (from == connection) {
      session.onWritable();
    }
  }

  /** A connection is down; does nothing if it is not the one of the session any more. */
  void onDown(Connection which, Down why) {
    if (which != connection) {
      return;
    }
    connection = null;
    session.detach();
    if (why.endsSession()) {
      end(why.sentence());
    } else {
      HeadSessions.Settings settings = all.settings();
      boolean closed = why.kind() == Down.Kind.CLOSED;
      await(closed ? Math.min(settings.grace(), settings.closedGrace()) : settings.grace(), why);
    }
  }

  /** The head says that the connection is no more; it comes back over another one. */
  void suspend(Down why) {
    leaveConnection();
    if (!ended && grace == null) {
      await(all.settings().grace(), why);
    }
  }

  private void leaveConnection() {
    Connection former = connection;
    if (former != null) {
      connection = null;
      session.detach();
      former.close();
    }
  }

  private void await(long nanos, Down why) {
    all.runs().suspended(run, from, nanos, why.sentence());
    grace = all.loop().schedule(nanos, () -> end("It has not come back in time."));
  }

  /** Ends it: its jobs are stopped, and nothing is said to the head any more. */
  void end(String why) {
    if (ended) {
      return;
    }
    ended = true;
    if (grace != null) {
      grace.cancel();
    }
    leaveConnection();
    session.close();
    link.leave(equipment.whenLeft());
    all.onEnded(this, why);
  }

  /** Ends it on purpose, and says so to the head. */
  void leave(String reason) {
    Connection last = connection;
    if (last != null) {
      session.flush();
      last.write(new Frame.Goodbye(reason));
    }
    end(reason);
  }
}
