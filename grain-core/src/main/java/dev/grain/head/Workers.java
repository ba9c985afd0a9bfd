package dev.grain.head;

import dev.grain.head.Head.NodeSession;
import dev.grain.resource.internal.Offer;
import dev.grain.wire.Acceptor;
import dev.grain.wire.Address;
import dev.grain.wire.Connection;
import dev.grain.wire.ConnectionHandler;
import dev.grain.wire.Dial;
import dev.grain.wire.Down;
import dev.grain.wire.Endpoint;
import dev.grain.wire.Frame;
import dev.grain.wire.Hello;
import dev.grain.wire.Loop;
import dev.grain.wire.Message;
import dev.grain.wire.Session;
import dev.grain.wire.WireException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The workers of a run in other processes: dials those that are named and redials those that were
 * lost, lets others join, and finds out which of them are lost for good.
 *
 * <p>A worker whose link is cut is <em>suspect</em>: it gets no more jobs, and is redialed. It is
 * lost at once when that proves its death: nobody listens at its address any more, or another life
 * of it answers. Otherwise it is lost when the grace is over.
 *
 * <p>To be used on the head's loop.
 */
public final class Workers {
  private static final long FIRST_RETRY = 100_000_000;
  private static final long LONGEST_RETRY = 5_000_000_000L;

  private static final int LARGEST_PORT = 65_535;

  /** How often a worker is dialed that accepts the connection, but is too busy to greet in time. */
  private static final int SLOW_DIALS = 3;

  private final Head head;
  private final Endpoint endpoint;
  private final Loop loop;
  private final Settings settings;
  private final Supplier<Hello> hello;
  private final Observer observer;

  // all only accessed by the loop
  private final SequencedMap<Address, Place> places = new LinkedHashMap<>();
  private final SequencedMap<String, Member> members = new LinkedHashMap<>();
  private Loop.@Nullable Timer lonely;
  private boolean closed;

  /**
   * What is kept to.
   *
   * @param bound what of an offer is used
   * @param grace after how many nanoseconds a suspect is lost
   * @param noWorkers after how many nanoseconds without a worker the observer is told; negative for
   *     never
   * @param limits what the sessions with workers keep to
   */
  public record Settings(
      UnaryOperator<Offer> bound, long grace, long noWorkers, Session.Limits limits) {}

  /** Who is told what becomes of the workers. Called on the loop; must not block. */
  public interface Observer {
    /** A worker has joined, or a dial has ended without one. */
    void changed();

    /**
     * There has been no worker for the time that was set.
     *
     * @param why what became of each
     */
    void deserted(String why);
  }

  /**
   * Makes workers that are not dialed yet.
   *
   * @param head what they join
   * @param endpoint serves the loop of the head
   * @param settings what is kept to
   * @param hello what the head says of itself, new for each link
   * @param observer who is told what becomes of the workers
   */
  public Workers(
      Head head, Endpoint endpoint, Settings settings, Supplier<Hello> hello, Observer observer) {
    this.head = head;
    this.endpoint = endpoint;
    this.loop = head.loop();
    this.settings = settings;
    this.hello = hello;
    this.observer = observer;
  }

  /** Starts to dial the addresses; the same one twice counts once. */
  public void dial(List<Address> addresses) {
    for (Address address : addresses) {
      places.computeIfAbsent(address, named -> new Place(named, true, null));
    }
    places.values().forEach(Place::dial);
    onChanged();
  }

  /** Returns what lets workers join that dial this program. */
  public Acceptor acceptor() {
    return (peer, from) ->
        switch (peer.role()) {
          case WORKER -> new Acceptor.Answer.Accept(hello.get(), new Guest(from));
          case HEAD ->
              new Acceptor.Answer.Refuse(
                  "This is a head, too: a program that runs jobs. Only workers can join it; start"
                      + " one with grain-worker --head.");
          case INSPECTOR, PULSE ->
              new Acceptor.Answer.Refuse("This is a head; only workers answer questions.");
        };
  }

  /** Returns how many workers have joined and are not suspect. */
  public int count() {
    return (int) members.values().stream().filter(member -> !member.suspect).count();
  }

  /** Returns whether every named worker has joined, or has failed to at least once. */
  public boolean allAnswered() {
    return places.values().stream().allMatch(place -> place.answered);
  }

  /** Returns what prevents each named worker that has not joined, in sentences. */
  public List<String> complaints() {
    List<String> complaints = new ArrayList<>();
    for (Place place : places.values()) {
      if (place.named && !place.isJoined()) {
        Down why = place.lastDown;
        complaints.add(why == null ? place.address + " has not answered yet." : why.sentence());
      }
    }
    return complaints;
  }

  /** Says goodbye to all workers and dials no more. */
  public void close() {
    closed = true;
    cancelLonely();
    places.values().forEach(Place::giveUp);
    for (Member member : List.copyOf(members.values())) {
      leave(member.connection, "The run is over.");
    }
  }

  private void onChanged() {
    if (closed) {
      return;
    }
    if (count() > 0) {
      cancelLonely();
    } else if (lonely == null && settings.noWorkers() >= 0) {
      lonely = loop.schedule(settings.noWorkers(), this::onDeserted);
    }
    observer.changed();
  }

  private void onDeserted() {
    String why = String.join(" ", complaints());
    List.copyOf(members.values()).forEach(member -> member.leave(false));
    observer.deserted(why);
  }

  private void cancelLonely() {
    if (lonely != null) {
      lonely.cancel();
      lonely = null;
    }
  }

  private static void leave(Connection connection, String reason) {
    connection.write(new Frame.Goodbye(reason));
    connection.close();
  }

  /** Returns the name, or if another worker has it, one that tells them apart. */
  private String distinct(String name, String where) {
    boolean taken =
        name.equals(Head.EMBEDDED)
            || members.values().stream().anyMatch(member -> member.name().equals(name));
    return taken ? "%s (%s)".formatted(name, where) : name;
  }

  /** Lets the worker join that has answered, or has dialed; null if it has joined already. */
  private @Nullable Member join(Connection connection, Hello peer, String where) {
    Member known = members.get(peer.incarnation());
    if (known != null && !known.suspect) {
      leave(connection, "This worker has joined this run already, as %s.".formatted(known.name()));
      return null;
    }
    if (known != null) {
      known.leave(false);
    }
    Member member = new Member(connection, peer, distinct(peer.name(), where));
    members.put(peer.incarnation(), member);
    return member;
  }

  /** Returns where the peer of a connection can be dialed, if it can. */
  private static Optional<Address> addressOf(Connection connection, Hello peer) {
    boolean known = peer.listen() > 0 && peer.listen() <= LARGEST_PORT;
    return known && connection.remoteAddress() instanceof InetSocketAddress from
        ? Optional.of(new Address(from.getAddress().getHostAddress(), peer.listen()))
        : Optional.empty();
  }

  /** A worker that has joined, until it is lost. */
  private final class Member implements Session.Owner<Message.ToHead> {
    private final Connection connection;
    private final String incarnation;
    private final Optional<Address> listensAt;
    private final NodeSession node;
    private final Session<Message.ToHead, Message.ToNode> session;
    private Loop.@Nullable Timer grace;
    private boolean suspect;

    Member(Connection connection, Hello peer, String name) {
      this.connection = connection;
      this.incarnation = peer.incarnation();
      this.listensAt = addressOf(connection, peer);
      this.session = new Session<>(loop, settings.limits(), Message.ToHead.class, this);
      Offer whole = Offer.decode(peer.offer());
      this.node = head.join(name, whole, settings.bound().apply(whole), session);
      session.attach(connection);
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

    String name() {
      return node.name();
    }

    void onDown(Down why) {
      if (why.kind() == Down.Kind.GOODBYE) {
        leave(false);
        return;
      }
      suspect = true;
      session.detach();
      node.suspend();
      grace = loop.schedule(settings.grace(), () -> leave(false));
    }

    /** It is lost; does nothing if it was before. */
    void leave(boolean died) {
      if (members.remove(incarnation, this)) {
        if (grace != null) {
          grace.cancel();
        }
        node.lost(died);
        onChanged();
      }
    }
  }

  /** What is at the other end of a link. */
  private abstract static class Peer implements ConnectionHandler {
    @Nullable Member member;

    @Override
    public void received(Frame frame) throws WireException {
      if (member != null) {
        member.session.receive(frame);
      }
    }

    @Override
    public void batchEnded() {
      if (member != null) {
        member.session.batchEnded();
      }
    }

    @Override
    public void writable() {
      if (member != null) {
        member.session.onWritable();
      }
    }
  }

  /** A worker that has dialed this program. */
  private final class Guest extends Peer {
    private final SocketAddress from;

    Guest(SocketAddress from) {
      this.from = from;
    }

    @Override
    public void up(Connection connection, Hello peer) {
      member = join(connection, peer, String.valueOf(from));
      onChanged();
    }

    @Override
    public void down(Down why) {
      if (member != null) {
        member.onDown(why);
        if (member.suspect && member.listensAt.isPresent()) {
          new Place(member.listensAt.get(), false, member).dial();
        }
        onChanged();
      }
    }
  }

  /**
   * An address that is dialed: of a worker that the user has named, as long as the run goes on; or
   * of one that is suspect, until it is known what became of it.
   */
  private final class Place extends Peer {
    private final Address address;
    private final boolean named;
    private @Nullable Dial dial;
    private Loop.@Nullable Timer retry;
    private long delay = FIRST_RETRY;
    private boolean answered;
    private int slow;
    private boolean otherName;
    private @Nullable Down lastDown;

    Place(Address address, boolean named, @Nullable Member member) {
      this.address = address;
      this.named = named;
      this.member = member;
    }

    void dial() {
      dial = endpoint.dial(address, hello.get(), this);
    }

    @Override
    public void up(Connection connection, Hello peer) {
      answered = true;
      slow = 0;
      delay = FIRST_RETRY;
      if (member != null) {
        member.leave(!member.incarnation.equals(peer.incarnation()));
      }
      member = join(connection, peer, address.toString());
      otherName = member == null;
      onChanged();
    }

    /** Returns whether the worker at the address has joined, here or by another address of it. */
    boolean isJoined() {
      return otherName || (member != null && members.containsValue(member) && !member.suspect);
    }

    @Override
    public void down(Down why) {
      answered = answered || why.kind() != Down.Kind.TIMED_OUT || ++slow >= SLOW_DIALS;
      lastDown = why;
      if (member != null && !member.suspect) {
        member.onDown(why);
      } else if (member != null && why.kind() == Down.Kind.REFUSED_CONNECTION) {
        member.leave(true);
      }
      if (member != null && !members.containsValue(member)) {
        member = null;
      }
      if ((named || member != null) && !closed) {
        retry = loop.schedule(delay, this::dial);
        delay = Math.min(2 * delay, LONGEST_RETRY);
      }
      onChanged();
    }

    void giveUp() {
      if (retry != null) {
        retry.cancel();
      }
      if (dial != null) {
        dial.cancel();
      }
    }
  }
}
