package dev.grain.head;

import dev.grain.head.NodeSession.Departure;
import dev.grain.wire.Address;
import dev.grain.wire.Connection;
import dev.grain.wire.Connection.ConnectionHandler;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.Hello;
import dev.grain.wire.Redial;

/**
 * Asks at the address of a suspect that has dialed whether it lives, again and again; it is for the
 * worker to dial again.
 */
final class Inquiry implements ConnectionHandler {
  private final Workers workers;
  private final JoinedWorker suspect;
  private final Redial redial;

  Inquiry(Workers workers, Address address, JoinedWorker suspect) {
    this.workers = workers;
    this.suspect = suspect;
    this.redial =
        new Redial(
            workers.loop(),
            () -> workers.dialer().dial(address, workers.hello().asInspector(), this));
  }

  void ask() {
    redial.dial();
  }

  void giveUp() {
    redial.giveUp();
  }

  @Override
  public void up(Connection opened, Hello peer) {
    opened.close();
    if (!peer.incarnation().equals(suspect.incarnation())) {
      suspect.leave(Departure.DIED);
    }
    askAgain();
  }

  @Override
  public void down(Down why) {
    if (why.kind() == Down.Kind.REFUSED_CONNECTION) {
      suspect.leave(Departure.DIED);
    }
    askAgain();
  }

  private void askAgain() {
    if (suspect.isSuspect()) {
      redial.dialLater();
    } else {
      workers.forget(this);
    }
  }
}
