package dev.grain.head;

import dev.grain.head.NodeSession.Departure;
import dev.grain.wire.Address;
import dev.grain.wire.Carrier;
import dev.grain.wire.Connection;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.Dialer.Dial;
import dev.grain.wire.Hello;
import dev.grain.wire.Redial;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A worker at an address that the user has named: it is dialed as long as the head goes on. */
final class NamedWorker extends Carrier {
  /** How often a worker is dialed that accepts the connection, but is too busy to greet in time. */
  private static final int SLOW_DIALS = 3;

  private final Workers workers;
  private final Address address;
  private final Redial redial;

  // all only accessed by the loop
  private @Nullable JoinedWorker member;
  private boolean answered;
  private int slow;
  private boolean otherName;
  private @Nullable Down lastDown;

  NamedWorker(Workers workers, Address address) {
    this.workers = workers;
    this.address = address;
    this.redial = new Redial(workers.loop(), this::dialOnce);
  }

  void dial() {
    redial.dial();
  }

  private Dial dialOnce() {
    drop();
    if (member != null && member.isLost()) {
      member = null;
    }
    Hello mine = workers.helloOfDial();
    return workers.dialer().dial(address, member == null ? mine : member.helloAgain(mine), this);
  }

  void giveUp() {
    redial.giveUp();
  }

  /** Returns whether it has joined, or has failed to at least once. */
  boolean hasAnswered() {
    return answered;
  }

  /** Returns what prevents it from having joined, in a sentence; empty if it has joined. */
  Optional<String> complaint() {
    if (isJoined()) {
      return Optional.empty();
    }
    Down why = lastDown;
    return Optional.of(why == null ? address + " has not answered yet." : why.sentence());
  }

  /** Returns whether the worker at the address has joined, here or by another address of it. */
  private boolean isJoined() {
    return otherName || (member != null && member.isConnected());
  }

  @Override
  public void up(Connection opened, Hello peer) {
    answered = true;
    slow = 0;
    redial.onAnswered();
    boolean wasHere = member != null;
    JoinedWorker joined = workers.resumeOrJoin(member, opened, peer, address.toString());
    member = joined;
    otherName = joined == null && !wasHere;
    if (joined != null) {
      carry(joined.session(), opened);
    } else if (wasHere) {
      dial();
    }
    workers.onChanged();
  }

  @Override
  public void down(Down why) {
    answered = answered || why.kind() != Down.Kind.TIMED_OUT || ++slow >= SLOW_DIALS;
    lastDown = why;
    if (member != null && carries()) {
      member.onDown(why);
    } else if (member != null && why.kind() == Down.Kind.REFUSED_CONNECTION) {
      member.leave(Departure.DIED);
    }
    redial.dialLater();
    workers.onChanged();
  }
}
