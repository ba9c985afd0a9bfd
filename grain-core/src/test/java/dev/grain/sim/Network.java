package dev.grain.sim;

import dev.grain.session.Frame;
import dev.grain.wire.Acceptor;
import dev.grain.wire.Address;
import dev.grain.wire.Connection.ConnectionHandler;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.Dialer;
import dev.grain.wire.Dialer.Dial;
import dev.grain.wire.Hello;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What lies between processes: connections are made, carry data with delays, go silent, or break;
 * and a process may stand still or die.
 */
final class Network {
  private static final int LISTENS_AT = 4242;

  private final World world;
  private final Manners manners;
  private final BiConsumer<Host, Frame> arrivals;
  private final Map<Address, Host> listening = new HashMap<>();
  private final List<SimulatedConnection.Pair> open = new ArrayList<>();

  /**
   * How it behaves.
   *
   * @param doublings how different the delays of connections are
   * @param room how many frames may be on their way before a connection is not writable
   * @param hello how long a dial may take, in nanoseconds
   * @param suspicion after how many nanoseconds of silence a connection is given up
   */
  record Manners(int doublings, int room, long hello, long suspicion) {
    static Manners random(World world) {
      return new Manners(
          5 + world.below(8),
          1 + (1 << world.below(5)),
          world.scaled(2_000_000, 6),
          world.scaled(4_000_000, 6));
    }
  }

  /**
   * Makes a network without hosts.
   *
   * @param arrivals notified of what arrives, before its receiver
   */
  Network(World world, Manners manners, BiConsumer<Host, Frame> arrivals) {
    this.world = world;
    this.manners = manners;
    this.arrivals = arrivals;
  }

  Manners manners() {
    return manners;
  }

  World world() {
    return world;
  }

  /** One life of a program. */
  final class Host implements Dialer {
    private final int machine;
    private final SimulatedLoop loop;
    private final Address address;
    private @Nullable Acceptor acceptor;
    private boolean cut;

    /**
     * Starts it.
     *
     * @param machine the number of its machine, up to 250
     */
    Host(int machine, SimulatedLoop loop) {
      this.machine = machine;
      this.loop = loop;
      this.address = new Address("10.0.0." + machine, LISTENS_AT);
    }

    SimulatedLoop loop() {
      return loop;
    }

    Address address() {
      return address;
    }

    InetSocketAddress socket() {
      try {
        byte[] ip = {10, 0, 0, (byte) machine};
        return new InetSocketAddress(InetAddress.getByAddress(ip), LISTENS_AT);
      } catch (UnknownHostException e) {
        throw new AssertionError(e);
      }
    }

    void listen(Acceptor by) {
      acceptor = by;
      listening.put(address(), this);
    }

    boolean isCut() {
      return cut;
    }

    /**
     * Cuts it off from all others.
     *
     * @param silently whether nobody notices but by silence
     */
    void cut(boolean silently) {
      cut = true;
      for (SimulatedConnection.Pair pair : List.copyOf(open)) {
        if (pair.joins(this)) {
          pair.breakOff(silently);
        }
      }
    }

    /** Ends {@link #cut}: it can be reached again. */
    void mend() {
      cut = false;
    }

    /** Lets it do nothing until that time; those that wait too long for it give it up. */
    void freeze(long until) {
      loop.standStill(until);
      for (SimulatedConnection.Pair pair : List.copyOf(open)) {
        if (pair.joins(this) && until - world.now() > manners.suspicion()) {
          pair.giveUpOn(this);
        }
      }
    }

    /** Ends it without a word. */
    void kill() {
      loop.die();
      listening.remove(address(), this);
      for (SimulatedConnection.Pair pair : List.copyOf(open)) {
        if (pair.joins(this)) {
          pair.onDeath(this);
        }
      }
    }

    @Override
    public Dial dial(Address address, Hello mine, ConnectionHandler handler) {
      Attempt attempt = new Attempt(this, mine, handler);
      world.after(delay(), () -> attempt.reach(listening.get(address)));
      loop.schedule(
          manners.hello(), () -> attempt.fail(Down.Kind.TIMED_OUT, address + " does not greet."));
      return attempt;
    }
  }

  long delay() {
    return world.scaled(1_000, manners.doublings());
  }

  /** Something has come, perhaps over a connection that its receiver has given up. */
  void onArrival(Host receiver, Frame frame) {
    arrivals.accept(receiver, frame);
  }

  void forget(SimulatedConnection.Pair pair) {
    open.remove(pair);
  }

  /** One attempt to connect. */
  private final class Attempt implements Dial {
    private final Host from;
    private final Hello mine;
    private final ConnectionHandler handler;
    private SimulatedConnection.@Nullable Pair pair;
    private boolean over;

    Attempt(Host from, Hello mine, ConnectionHandler handler) {
      this.from = from;
      this.mine = mine;
      this.handler = handler;
    }

    @Override
    public void cancel() {
      if (!over) {
        over = true;
        if (pair != null) {
          pair.hangUp(from);
        }
      }
    }

    void fail(Down.Kind kind, String sentence) {
      if (!over) {
        cancel();
        handler.down(new Down(kind, sentence));
      }
    }

    void reach(@Nullable Host target) {
      if (from.cut || (target != null && target.cut)) {
        return; // and the time for the greeting runs out
      }
      if (target == null) {
        from.loop.at(
            world.now() + delay(),
            () -> fail(Down.Kind.REFUSED_CONNECTION, "Nobody listens there."));
      } else {
        target.loop.at(world.now() + delay(), () -> greet(target));
      }
    }

    private void greet(Host target) {
      Acceptor acceptor = target.acceptor;
      if (acceptor == null || from.loop.isDead() || from.cut || target.cut) {
        return; // and the time for the greeting runs out
      }
      switch (acceptor.accept(mine, from.socket())) {
        case Acceptor.Answer.Refuse(String sentence) ->
            from.loop.at(world.now() + delay(), () -> fail(Down.Kind.REFUSED, sentence));
        case Acceptor.Answer.Accept(Hello welcome, ConnectionHandler other) -> {
          SimulatedConnection.Pair made =
              new SimulatedConnection.Pair(
                  Network.this,
                  new SimulatedConnection.Side(from, mine, handler),
                  new SimulatedConnection.Side(target, welcome, other));
          pair = made;
          open.add(made);
          made.toDialer(() -> {
            if (!over) {
              over = true;
              made.dialed().up();
            }
          });
          made.accepted().up();
          if (from.loop.stillUntil() - world.now() > manners.suspicion()) {
            made.giveUpOn(from);
          }
          if (over) {
            made.hangUp(from);
          }
        }
      }
    }
  }
}
