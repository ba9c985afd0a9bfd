package dev.grain.head;

import dev.grain.wire.Carrier;
import dev.grain.wire.Connection;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.Hello;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** A connection of a worker that has dialed this program. */
final class Guest extends Carrier {
  private final Workers workers;
  private final SocketAddress from;
  // what has joined over it, or is to go on over it; only accessed by the loop
  private @Nullable JoinedWorker member;

  /**
   * Makes one that is not up.
   *
   * @param member the one that is to go on over it; null for a new one
   */
  Guest(Workers workers, SocketAddress from, @Nullable JoinedWorker member) {
    this.workers = workers;
    this.from = from;
    this.member = member;
  }

  @Override
  public void up(Connection opened, Hello peer) {
    JoinedWorker joined = workers.resumeOrJoin(member, opened, peer, String.valueOf(from));
    member = joined;
    if (joined != null) {
      carry(joined.session(), opened);
    }
    workers.onChanged();
  }

  @Override
  public void down(Down why) {
    if (member != null && carries()) {
      member.onDown(why);
      workers.inquire(member);
      workers.onChanged();
    }
  }
}
