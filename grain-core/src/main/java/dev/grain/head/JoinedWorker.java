package dev.grain.head;

import dev.grain.head.NodeSession.Departure;
import dev.grain.loop.Loop;
import dev.grain.message.Message;
import dev.grain.resource.internal.Offer;
import dev.grain.session.Session;
import dev.grain.session.WireException;
import dev.grain.wire.Address;
import dev.grain.wire.Connection;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.Hello;
import dev.grain.wire.LastDial;
import dev.grain.wire.LastingSession;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

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
  private final String from;
  private final String release;
  private final long joinedAt;
  private final NodeSession node;
  private final LastingSession session;
  private final LastDial lastDial;

  // all only accessed by the loop
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
    this.id = connection.session();
    this.incarnation = peer.incarnation();
    this.listensAt = addressOf(connection, peer);
    this.from = from(connection);
    this.release = peer.release();
    this.joinedAt = workers.loop().now();
    this.lastDial = new LastDial(peer.dial());
    Workers.Settings settings = workers.settings();
    Session<Message.ToHead, Message.ToNode> link =
        new Session<>(
            workers.loop(), settings.limits(), workers.arrivals(), Message.ToHead.class, this);
    this.session = new LastingSession(link, workers.loop());
    Offer whole = Offer.decode(peer.offer());
    this.node =
        workers
            .head()
            .join(
                name,
                incarnation,
                whole,
                settings.bound().apply(whole),
                endOf(peer, workers.loop()),
                link,
                settings.encrypted());
    session.begin(connection);
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

  /** Returns where the peer of a connection is, for people. */
  private static String from(Connection connection) {
    return connection.remoteAddress() instanceof InetSocketAddress from
        ? new Address(from.getAddress().getHostAddress(), from.getPort()).toString()
        : String.valueOf(connection.remoteAddress());
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

  /** Returns what can be seen of it. */
  Workers.Member seen() {
    return new Workers.Member(
        incarnation,
        from,
        release,
        workers.loop().now() - joinedAt,
        isConnected() && node.isComplete(),
        node.node().isDraining(),
        NodeAmounts.of(node.node()));
  }

  /**
   * Has it end.
   *
   * @param stop whether at once, without what runs there
   */
  void drain(boolean stop) {
    node.drain(stop);
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

  LastingSession session() {
    return session;
  }

  boolean isConnected() {
    return session.isConnected();
  }

  /** Returns whether nobody knows what has become of it. */
  boolean isSuspect() {
    return !lost && !session.isConnected();
  }

  boolean isLost() {
    return lost;
  }

  /** Adds to a hello that the session is to go on. */
  Hello helloAgain(Hello hello) {
    return hello.withSession(id).withReceived(session.received());
  }

  /** Takes note of a dial of the worker, and returns whether a later one was here before. */
  boolean isLate(long dial) {
    return lastDial.isLate(dial);
  }

  /** Its connection is down. */
  void onDown(Down why) {
    session.leaveConnection();
    if (why.endsSession()) {
      // on purpose, unless it has not even said what it has
      boolean left = why.kind() == Down.Kind.GOODBYE && node.isComplete();
      leave(left ? Departure.GONE : Departure.RETURNING);
    } else {
      closedByIt = why.kind() == Down.Kind.CLOSED;
      awaitReturn();
    }
  }

  /** Gives the connection up, if there is one, and waits for another one. */
  void suspend() {
    if (session.leaveConnection()) {
      awaitReturn();
    }
  }

  private void awaitReturn() {
    node.suspend();
    // a living worker whose connection was closed would have come back
    session.awaitConnection(
        workers.settings().grace(), () -> leave(closedByIt ? Departure.DIED : Departure.GONE));
  }

  /**
   * Goes on over another connection, if the worker wants to; otherwise it is lost.
   *
   * @param peer the greeting of the worker on that connection
   * @return whether it goes on
   */
  boolean resume(Connection newer, Hello peer) {
    boolean same = peer.incarnation().equals(incarnation);
    if (lost || !same || !peer.resumes() || session.isConnected()) {
      leave(same ? Departure.RETURNING : Departure.DIED);
      return false;
    }
    try {
      session.attach(newer, peer.received());
    } catch (WireException wrong) {
      leave(Departure.RETURNING);
      return false;
    }
    closedByIt = false;
    node.resume();
    return true;
  }

  /** It is lost; does nothing if it was before. */
  void leave(Departure how) {
    if (!lost) {
      lost = true;
      workers.remove(this);
      session.close();
      node.lost(how);
      workers.onChanged();
    }
  }

  /** The head is about to end. */
  void sayGoodbye(String reason) {
    session.cancelGrace();
    session.sayGoodbye(reason);
    session.leaveConnection();
  }
}
