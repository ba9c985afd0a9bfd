package dev.grain.wire;

import dev.grain.loop.Loop;
import dev.grain.session.Frame;
import dev.grain.session.Session;
import dev.grain.session.WireException;
import org.jspecify.annotations.Nullable;

/**
 * A session that outlives its connections: when one is lost it waits for the next one, as long as
 * its owner allows.
 *
 * <p>To be used on the loop of the session.
 */
public final class LastingSession {
  private final Session<?, ?> session;
  private final Loop loop;

  // all only accessed by the loop
  private @Nullable Connection connection;
  private Loop.@Nullable Timer grace;

  /** Makes one without a connection. */
  public LastingSession(Session<?, ?> session, Loop loop) {
    this.session = session;
    this.loop = loop;
  }

  /** Returns whether it has a connection. */
  public boolean isConnected() {
    return connection != null;
  }

  /** Returns whether the connection is the one that it has. */
  public boolean hasConnection(Connection which) {
    return which == connection;
  }

  /** Returns the number of the last thing received. */
  public long received() {
    return session.received();
  }

  /** Begins over its first connection. */
  public void begin(Connection first) {
    session.attach(first);
    connection = first;
  }

  /**
   * Goes on over a connection, in place of the one that it has, if any.
   *
   * @param receivedByPeer the number of the last thing that the peer has received; 0 at the start
   * @throws WireException if it cannot go on from there
   */
  public void attach(Connection newer, long receivedByPeer) throws WireException {
    leaveConnection();
    session.attach(newer, receivedByPeer);
    connection = newer;
    cancelGrace();
  }

  /** Gives its connection up and closes it; returns whether there was one. */
  public boolean leaveConnection() {
    Connection former = connection;
    if (former == null) {
      return false;
    }
    connection = null;
    session.detach();
    former.close();
    return true;
  }

  /** Has something done unless there is another connection within that many nanoseconds. */
  public void awaitConnection(long nanos, Runnable otherwise) {
    grace = loop.schedule(nanos, otherwise);
  }

  /** Returns whether it waits for another connection. */
  public boolean awaitsConnection() {
    return grace != null;
  }

  /** Waits for another connection no more. */
  public void cancelGrace() {
    if (grace != null) {
      grace.cancel();
      grace = null;
    }
  }

  /** Sends what is to be sent, and then a goodbye, if there is a connection. */
  public void sayGoodbye(String reason) {
    Connection last = connection;
    if (last != null) {
      session.flush();
      last.write(new Frame.Goodbye(reason));
    }
  }

  /** Ends it. */
  public void close() {
    cancelGrace();
    leaveConnection();
    session.close();
  }

  void receive(Frame frame) throws WireException {
    session.receive(frame);
  }

  void batchEnded() {
    session.batchEnded();
  }

  void onWritable() {
    session.onWritable();
  }
}
