package dev.grain.head;

import dev.grain.head.Head.NodeSession;
import dev.grain.loop.Loop;
import dev.grain.message.Message;
import dev.grain.resource.internal.Offer;
import dev.grain.session.Session;
import dev.grain.session.WireException;
import dev.grain.wire.Address;
import dev.grain.wire.Connection;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.Hello;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A worker that has joined, until it is lost. While it is <em>suspect</em>, it has no connection.
 *
 * <p>To be used on the head's loop.
 */
final class JoinedWorker implements Session.Owner<Message.ToHead> {
  private static final int LARGEST_PORT = 65_535;

  /** Ten years. */
  private static final long LONGEST_REMAINING = TimeUnit.DAYS.toMillis(3650);

  private final Workers workers;
  private final String id;
  private final String incarnation;
  private final Optional<Address> listensAt;
  private final NodeSession node;
  private final Session<Message.ToHead, Message.ToNode> session;

  // all only accessed by the loop
  private @Nullable Connection connection;
  private Loop.@Nullable Timer grace;
  // the number of the worker's dial that came last; 0 if it has not dialed
  private long lastDial;
  private boolean lost;
  // whether its machine has closed the last connection, and not the network
  private boolean closedByIt;

  /**
   * Lets a worker join.
   *
   * @param name what it is called here
   */
  JoinedWorker(Workers workers, Connection connection, Hello peer, String name) {
    this.workers = workers;
    this.connection = connection;
    this.id = connection.session();
    this.incarnation = peer.incarnation();
    this.listensAt = addressOf(connection, peer);
    this.lastDial = peer.dial();
    Workers.Settings settings = workers.settings();
    this.session =
        new Session<>(
            workers.loop(), settings.limits(), workers.arrivals(), Message.ToHead.class, this);
    Offer whole = Offer.decode(peer.offer());
    this.node =
        workers
            .head()
            .join(name, whole, settings.bound().apply(whole), endOf(peer, workers.loop()), session);
    session.attach(connection);
  }

  /** Returns when the worker will end, on the clock of the loop. */
  private static long endOf(Hello peer, Loop loop) {
    long remaining = Math.min(peer.remaining(), LONGEST_REMAINING);
    return remaining == 0 ? Long.MAX_VALUE : loop.now() + TimeUnit.MILLISECONDS.toNanos(remaining);
  }

  /** Returns where the peer of a connection can be dialed, if it can. */
  private static Optional<Address> addressOf(Connection connection, Hello peer) {
    boolean known = peer.listen() > 0 && peer.listen() <= LARGEST_PORT;
    return known && connection.remoteAddress() instanceof InetSocketAddress from
        ? Optional.of(new Address(from.getAddress().getHostAddress(), peer.listen()))
        : Optional.empty();
  }

  @Override
  public void received(Message.ToHead message) {
    node.receive(message);
  }

  @Override
  public void refused(Message.ToHead message, long length) {
    node.receiveWithout(message, length);
  }

  @Override
  public void batchEnded() {
    node.batchEnded();
  }

  @Override
  public void congestionEnded() {
    node.batchEnded();
  }

  String id() {
    return id;
  }

  String name() {
    return node.name();
  }

  String incarnation() {
    return incarnation;
  }

  Optional<Address> listensAt() {
    return listensAt;
  }

  Session<Message.ToHead, Message.ToNode> session() {
    return session;
  }

  boolean hasConnection(Connection which) {
    return which == connection;
  }

  boolean isSuspect() {
    return connection == null;
  }

  boolean isLost() {
    return lost;
  }

  /** Adds to a hello that the session is to go on. */
  Hello helloAgain(Hello hello) {
    return hello.withSession(id).withReceived(session.received());
  }

  /**
   * Takes note of a dial of the worker, and returns whether it is a late one: another one, which
   * came after it, was here before.
   */
  boolean isLate(long dial) {
    boolean late = dial <= lastDial;
    lastDial = Math.max(lastDial, dial);
    return late;
  }

  /** Its connection is down. */
  void onDown(Down why) {
    if (why.endsSession()) {
      connection = null;
      session.detach();
      leave(false);
    } else {
      closedByIt = why.kind() == Down.Kind.CLOSED;
      suspend();
    }
  }

  /** Gives the connection up, if there is one, and waits for another one. */
  void suspend() {
    Connection former = connection;
    if (former != null) {
      connection = null;
      session.detach();
      former.close();
      node.suspend();
      // a living worker whose connection was closed would have come back
      grace = workers.loop().schedule(workers.settings().grace(), () -> leave(closedByIt));
    }
  }

  /**
   * Goes on over another connection, if the worker wants to; otherwise it is lost.
   *
   * @param peer what the worker has said on that connection
   * @return whether it goes on
   */
  boolean resume(Connection newer, Hello peer) {
    boolean same = peer.incarnation().equals(incarnation);
    if (lost || !same || !peer.resumes() || connection != null) {
      leave(!same);
      return false;
    }
    try {
      session.attach(newer, peer.received());
    } catch (WireException wrong) {
      leave(false);
      return false;
    }
    connection = newer;
    closedByIt = false;
    cancelGrace();
    node.resume();
    return true;
  }

  private void cancelGrace() {
    if (grace != null) {
      grace.cancel();
      grace = null;
    }
  }

  /** It is lost; does nothing if it was before. */
  void leave(boolean died) {
    if (!lost) {
      lost = true;
      workers.remove(this);
      cancelGrace();
      session.close();
      node.lost(died);
      workers.onChanged();
    }
  }

  /** The run is over. */
  void sayGoodbye(String reason) {
    cancelGrace();
    if (connection != null) {
      Workers.leave(connection, reason);
    }
  }
}
