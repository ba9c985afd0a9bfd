package dev.grain.sim;

import dev.grain.session.Frame;
import dev.grain.session.WireException;
import dev.grain.wire.Connection;
import dev.grain.wire.Connection.ConnectionHandler;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.Hello;
import dev.grain.wire.Hello.Role;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One side of a connection. What is flushed together arrives together and in order, each batch
 * after a delay of its own, so that those of different connections overtake each other.
 */
final class SimulatedConnection implements Connection {
  private final Pair pair;
  private final Side mine;
  private final Side peer;
  private List<Frame> pending = new ArrayList<>();
  private int flying;
  private long lastArrival;
  // its handler knows of it
  private boolean up;
  // what has become of it before
  private Down.@Nullable Kind early;
  // this side has closed it, or was notified that it is down
  private boolean ended;
  private boolean leftByGoodbye;

  /** Who is at an end, and what was sent there. */
  record Side(Network.Host process, Hello hello, ConnectionHandler handler) {}

  private SimulatedConnection(Pair pair, Side mine, Side peer) {
    this.pair = pair;
    this.mine = mine;
    this.peer = peer;
  }

  /** Both sides of a connection. */
  static final class Pair {
    private final Network network;
    private final SimulatedConnection dialed;
    private final SimulatedConnection accepted;
    // nothing gets through any more
    private boolean broken;

    Pair(Network network, Side dialing, Side accepting) {
      this.network = network;
      this.dialed = new SimulatedConnection(this, dialing, accepting);
      this.accepted = new SimulatedConnection(this, accepting, dialing);
    }

    SimulatedConnection dialed() {
      return dialed;
    }

    SimulatedConnection accepted() {
      return accepted;
    }

    boolean joins(Network.Host process) {
      return dialed.mine.process() == process || accepted.mine.process() == process;
    }

    private SimulatedConnection of(Network.Host process) {
      return dialed.mine.process() == process ? dialed : accepted;
    }

    private SimulatedConnection other(SimulatedConnection side) {
      return side == dialed ? accepted : dialed;
    }

    /** Does something at the dialing side, before anything that is flushed later arrives there. */
    void toDialer(Runnable task) {
      accepted.arriveAt(network.world().now() + network.delay(), task);
    }

    /** Nothing gets through any more; both sides find out. */
    void breakOff(boolean silently) {
      broken = true;
      network.forget(this);
      Down.Kind kind = silently ? Down.Kind.SILENT : Down.Kind.CLOSED;
      long patience = silently ? network.manners().suspicion() : 0;
      for (SimulatedConnection side : List.of(dialed, accepted)) {
        side.goDown(network.world().now() + patience + network.delay(), kind);
      }
    }

    /** The other side misses signs of life of that process. */
    void giveUpOn(Network.Host still) {
      other(of(still))
          .goDown(
              network.world().now() + network.manners().suspicion() + network.delay(),
              Down.Kind.SILENT);
    }

    /**
     * A process has died; its machine notifies the other side, after what is on its way or before.
     */
    void onDeath(Network.Host dead) {
      network.forget(this);
      SimulatedConnection side = of(dead);
      SimulatedConnection survivor = other(side);
      side.ended = true;
      long time = network.world().now() + network.delay();
      if (network.world().percent(80)) {
        side.arriveAt(time, () -> survivor.down(Down.Kind.CLOSED));
      } else {
        survivor.goDown(time, Down.Kind.CLOSED);
      }
    }

    /** The process does not want it any more. */
    void hangUp(Network.Host process) {
      of(process).close();
    }
  }

  private void goDown(long time, Down.Kind kind) {
    mine.process().loop().at(time, () -> down(kind));
  }

  /** Hands it to its handler. */
  void up() {
    up = true;
    mine.handler().up(this, peer.hello());
    if (early != null) {
      down(early);
    }
  }

  private void down(Down.Kind kind) {
    if (!up) {
      early = kind;
    } else if (!ended) {
      close();
      mine.handler().down(new Down(kind, peer.hello().describe() + ": " + kind));
    }
  }

  private void arriveAt(long time, Runnable task) {
    lastArrival = Math.max(lastArrival, time);
    peer.process()
        .loop()
        .at(
            lastArrival,
            () -> {
              if (!pair.broken) {
                task.run();
              }
            });
  }

  @Override
  public void write(Frame frame) {
    if (!ended) {
      pending.add(frame);
    }
  }

  @Override
  public void flush() {
    if (pending.isEmpty()) {
      return;
    }
    List<Frame> batch = pending;
    pending = new ArrayList<>();
    flying += batch.size();
    SimulatedConnection receiver = pair.other(this);
    arriveAt(
        pair.network.world().now() + pair.network.delay(),
        () -> {
          receiver.receive(batch);
          onArrived(batch.size());
        });
  }

  private void receive(List<Frame> batch) {
    try {
      for (Frame frame : batch) {
        pair.network.onArrival(mine.process(), frame);
        if (ended) {
          continue;
        }
        leftByGoodbye |= frame instanceof Frame.Goodbye;
        mine.handler().received(frame);
      }
    } catch (WireException wrong) {
      throw new IllegalStateException(wrong);
    }
    if (!ended) {
      mine.handler().batchEnded();
    }
    if (leftByGoodbye) {
      down(Down.Kind.GOODBYE);
    }
  }

  private void onArrived(int frames) {
    boolean wasWritable = hasRoom();
    flying -= frames;
    if (!wasWritable) {
      mine.process()
          .loop()
          .post(() -> {
            if (!ended) {
              mine.handler().writable();
            }
          });
    }
  }

  private boolean hasRoom() {
    return pending.size() + flying < pair.network.manners().room();
  }

  @Override
  public boolean isWritable() {
    return !ended && hasRoom();
  }

  @Override
  public void close() {
    if (ended) {
      return;
    }
    flush();
    ended = true;
    pair.network.forget(pair);
    SimulatedConnection receiver = pair.other(this);
    arriveAt(
        pair.network.world().now() + pair.network.delay(), () -> receiver.down(Down.Kind.CLOSED));
  }

  @Override
  public Hello peer() {
    return peer.hello();
  }

  @Override
  public String session() {
    return mine.hello().role() == Role.HEAD ? mine.hello().session() : peer.hello().session();
  }

  @Override
  public SocketAddress remoteAddress() {
    return peer.process().socket();
  }
}
