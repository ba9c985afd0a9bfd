package dev.grain.head;

import dev.grain.loop.Loop;
import dev.grain.resource.internal.Offer;
import dev.grain.session.Arrivals;
import dev.grain.session.Frame;
import dev.grain.session.Session;
import dev.grain.session.WireException;
import dev.grain.wire.Acceptor;
import dev.grain.wire.Address;
import dev.grain.wire.Connection;
import dev.grain.wire.Connection.ConnectionHandler;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.Dialer;
import dev.grain.wire.Dialer.Dial;
import dev.grain.wire.Hello;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The workers of a run in other processes: dials those that are named and redials those that were
 * lost, lets others join, and finds out which of them are lost for good.
 *
 * <p>A worker whose link is cut is <em>suspect</em>: it gets no more jobs, and is redialed. If it
 * answers, the session goes on where it was, as if nothing had happened. It is lost at once when
 * redialing proves its death: nobody listens at its address any more, or another life of it
 * answers. Otherwise it is lost when the grace is over; if its machine had closed the connection,
 * its process counts as dead.
 *
 * <p>To be used on the head's loop.
 */
public final class Workers {
  private static final long FIRST_RETRY = 100_000_000;
  private static final long LONGEST_RETRY = 5_000_000_000L;

  /** How often a worker is dialed that accepts the connection, but is too busy to greet in time. */
  private static final int SLOW_DIALS = 3;

  private final Head head;
  private final Dialer dialer;
  private final Loop loop;
  private final Settings settings;
  private final Arrivals arrivals;
  private final Supplier<Hello> hello;
  private final Observer observer;

  // all only accessed by the loop
  private final SequencedMap<Address, Place> places = new LinkedHashMap<>();
  private final SequencedMap<String, JoinedWorker> members = new LinkedHashMap<>();
  private final SequencedSet<Inquiry> inquiries = new LinkedHashSet<>();
  private Loop.@Nullable Timer lonely;
  private long dials;
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
   * @param dialer connects, on the loop of the head
   * @param settings what is kept to
   * @param hello what the head says of itself, new for each link
   * @param observer who is told what becomes of the workers
   */
  public Workers(
      Head head, Dialer dialer, Settings settings, Supplier<Hello> hello, Observer observer) {
    this.head = head;
    this.dialer = dialer;
    this.loop = head.loop();
    this.settings = settings;
    this.arrivals = new Arrivals(settings.limits().value());
    this.hello = hello;
    this.observer = observer;
  }

  /** Starts to dial the addresses; the same one twice counts once. */
  public void dial(List<Address> addresses) {
    for (Address address : addresses) {
      places.computeIfAbsent(address, Place::new);
    }
    places.values().forEach(Place::dial);
    onChanged();
  }

  /** Returns what lets workers join that dial this program. */
  public Acceptor acceptor() {
    return (peer, from) ->
        switch (peer.role()) {
          case WORKER -> admit(peer, from);
          case HEAD ->
              new Acceptor.Answer.Refuse(
                  "This is a head, too: a program that runs jobs. Only workers can join it; start"
                      + " one with grain-worker --head.");
          case INSPECTOR, PULSE ->
              new Acceptor.Answer.Refuse("This is a head; only workers answer questions.");
        };
  }

  private Acceptor.Answer admit(Hello peer, SocketAddress from) {
    JoinedWorker known = members.get(peer.incarnation());
    if (known != null && known.isLate(peer.dial())) {
      return new Acceptor.Answer.Refuse("The worker has dialed again since.");
    }
    if (known == null || !peer.resumes() || !known.id().equals(peer.session())) {
      return new Acceptor.Answer.Accept(hello.get(), new Guest(from, null));
    }
    // the worker has given the former connection up; what comes over it will be sent again
    known.suspend();
    return new Acceptor.Answer.Accept(known.helloAgain(hello.get()), new Guest(from, known));
  }

  /** Returns how many workers have joined and are not suspect. */
  public int count() {
    return (int) members.values().stream().filter(member -> !member.isSuspect()).count();
  }

  /** Returns whether every named worker has joined, or has failed to at least once. */
  public boolean allAnswered() {
    return places.values().stream().allMatch(place -> place.answered);
  }

  /** Returns what prevents each named worker that has not joined, in sentences. */
  public List<String> complaints() {
    List<String> complaints = new ArrayList<>();
    for (Place place : places.values()) {
      if (!place.isJoined()) {
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
    places.values().forEach(Redial::giveUp);
    inquiries.forEach(Redial::giveUp);
    members.values().forEach(member -> member.sayGoodbye("The run is over."));
  }

  void onChanged() {
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

  static void leave(Connection connection, String reason) {
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

  /**
   * Goes on with a member over a connection that was made for that, or lets the worker join that is
   * there.
   *
   * @return the member; null if there is none: it has joined already, or its session is over
   */
  private @Nullable JoinedWorker resumeOrJoin(
      @Nullable JoinedWorker member, Connection connection, Hello peer, String where) {
    if (member == null) {
      return join(connection, peer, where);
    }
    if (member.resume(connection, peer)) {
      return member;
    }
    leave(connection, "This session is over.");
    return null;
  }

  /** Lets the worker join that has answered, or has dialed; null if it has joined already. */
  private @Nullable JoinedWorker join(Connection connection, Hello peer, String where) {
    JoinedWorker known = members.get(peer.incarnation());
    if (known != null && !known.isSuspect()) {
      leave(connection, "This worker has joined this run already, as %s.".formatted(known.name()));
      return null;
    }
    if (known != null) {
      known.leave(false);
    }
    JoinedWorker member = new JoinedWorker(this, connection, peer, distinct(peer.name(), where));
    members.put(peer.incarnation(), member);
    return member;
  }

  Head head() {
    return head;
  }

  Loop loop() {
    return loop;
  }

  Settings settings() {
    return settings;
  }

  Arrivals arrivals() {
    return arrivals;
  }

  /** Forgets a member that is lost. */
  void remove(JoinedWorker member) {
    members.remove(member.incarnation(), member);
  }

  /** One connection with a worker, and what has joined over it. */
  private abstract static class Peer implements ConnectionHandler {
    @Nullable JoinedWorker member;
    @Nullable Connection connection;

    /** Returns whether what arrives is for the member: it may have another connection by now. */
    final boolean isCurrent() {
      return member != null && connection != null && member.hasConnection(connection);
    }

    @Override
    public void received(Frame frame) throws WireException {
      if (member != null && isCurrent()) {
        member.session().receive(frame);
      }
    }

    @Override
    public void batchEnded() {
      if (member != null && isCurrent()) {
        member.session().batchEnded();
      }
    }

    @Override
    public void writable() {
      if (member != null && isCurrent()) {
        member.session().onWritable();
      }
    }
  }

  /** A worker that has dialed this program. */
  private final class Guest extends Peer {
    private final SocketAddress from;

    /**
     * Makes one that is not up.
     *
     * @param member the one that is to go on over it; null for a new one
     */
    Guest(SocketAddress from, @Nullable JoinedWorker member) {
      this.from = from;
      this.member = member;
    }

    @Override
    public void up(Connection opened, Hello peer) {
      connection = opened;
      member = resumeOrJoin(member, opened, peer, String.valueOf(from));
      onChanged();
    }

    @Override
    public void down(Down why) {
      if (member != null && isCurrent()) {
        member.onDown(why);
        Optional<Address> listensAt = member.listensAt();
        if (member.isSuspect() && listensAt.isPresent()) {
          new Inquiry(listensAt.get(), member).dial();
        }
        onChanged();
      }
    }
  }

  /** Dials again and again, at growing distances. */
  private abstract class Redial extends Peer {
    final Address address;
    private @Nullable Dial dial;
    private Loop.@Nullable Timer retry;
    private long delay = FIRST_RETRY;

    Redial(Address address) {
      this.address = address;
    }

    abstract Hello hello();

    final void dial() {
      connection = null;
      dial = dialer.dial(address, hello(), this);
    }

    final void dialSoon() {
      delay = FIRST_RETRY;
    }

    final void dialLater() {
      if (!closed) {
        retry = loop.schedule(delay, this::dial);
        delay = Math.min(2 * delay, LONGEST_RETRY);
      }
    }

    final void giveUp() {
      if (retry != null) {
        retry.cancel();
      }
      if (dial != null) {
        dial.cancel();
      }
    }
  }

  /**
   * Asks at the address of a suspect that has dialed whether it lives; it is for the worker to dial
   * again.
   */
  private final class Inquiry extends Redial {
    private final JoinedWorker suspect;

    Inquiry(Address address, JoinedWorker suspect) {
      super(address);
      this.suspect = suspect;
      inquiries.add(this);
    }

    @Override
    Hello hello() {
      return hello.get().asInspector();
    }

    @Override
    public void up(Connection opened, Hello peer) {
      opened.close();
      if (!peer.incarnation().equals(suspect.incarnation())) {
        suspect.leave(true);
      }
      askAgain();
    }

    @Override
    public void down(Down why) {
      if (why.kind() == Down.Kind.REFUSED_CONNECTION) {
        suspect.leave(true);
      }
      askAgain();
    }

    private void askAgain() {
      if (suspect.isSuspect() && !suspect.isLost()) {
        dialLater();
      } else {
        inquiries.remove(this);
      }
    }
  }

  /** An address that the user has named: it is dialed as long as the run goes on. */
  private final class Place extends Redial {
    private boolean answered;
    private int slow;
    private boolean otherName;
    private @Nullable Down lastDown;

    Place(Address address) {
      super(address);
    }

    @Override
    Hello hello() {
      if (member != null && member.isLost()) {
        member = null;
      }
      Hello mine = hello.get().withDial(++dials);
      return member == null ? mine : member.helloAgain(mine);
    }

    @Override
    public void up(Connection opened, Hello peer) {
      answered = true;
      slow = 0;
      dialSoon();
      connection = opened;
      boolean wasHere = member != null;
      member = resumeOrJoin(member, opened, peer, address.toString());
      otherName = member == null && !wasHere;
      if (member == null && wasHere) {
        dial();
      }
      onChanged();
    }

    /** Returns whether the worker at the address has joined, here or by another address of it. */
    boolean isJoined() {
      return otherName || (member != null && !member.isLost() && !member.isSuspect());
    }

    @Override
    public void down(Down why) {
      answered = answered || why.kind() != Down.Kind.TIMED_OUT || ++slow >= SLOW_DIALS;
      lastDown = why;
      if (member != null && isCurrent()) {
        member.onDown(why);
      } else if (member != null && why.kind() == Down.Kind.REFUSED_CONNECTION) {
        member.leave(true);
      }
      dialLater();
      onChanged();
    }
  }
}
