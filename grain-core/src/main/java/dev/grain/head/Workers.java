package dev.grain.head;

import dev.grain.dispatch.DispatchStats;
import dev.grain.head.NodeSession.Departure;
import dev.grain.loop.Loop;
import dev.grain.resource.internal.Offer;
import dev.grain.session.Arrivals;
import dev.grain.session.Frame;
import dev.grain.session.SessionLimits;
import dev.grain.wire.Acceptor;
import dev.grain.wire.Address;
import dev.grain.wire.Connection;
import dev.grain.wire.Dialer;
import dev.grain.wire.Hello;
import java.net.SocketAddress;
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
 * answers. Otherwise it is lost when the session grace has elapsed; if its machine had closed the
 * connection, its process counts as dead.
 *
 * <p>To be used on the head's loop.
 */
public final class Workers {
  private final Head head;
  private final Dialer dialer;
  private final Loop loop;
  private final Settings settings;
  private final Arrivals arrivals;
  private final Supplier<Hello> hello;
  private final Observer observer;

  // all only accessed by the loop
  private final SequencedMap<Address, NamedWorker> named = new LinkedHashMap<>();
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
   * @param noWorkers after how many nanoseconds without a worker the observer is notified; negative
   *     for never
   * @param limits what the sessions with workers keep to
   * @param encrypted whether nobody else can read what goes over the connections
   */
  public record Settings(
      UnaryOperator<Offer> bound,
      long grace,
      long noWorkers,
      SessionLimits limits,
      boolean encrypted) {}

  /**
   * What can be seen of a worker that has joined.
   *
   * @param id the id of its process
   * @param from where it is
   * @param release the version of its program
   * @param joined for how many nanoseconds it has been there
   * @param connected whether it has a connection, and is known with all that it has
   * @param draining whether it takes no more jobs, as it is about to end
   * @param amounts its name, what it has, and what of that is free
   */
  public record Member(
      String id,
      String from,
      String release,
      long joined,
      boolean connected,
      boolean draining,
      DispatchStats.OfWorker amounts) {}

  /** Is notified of the state of the workers. Called on the loop; must not block. */
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
   * @param hello the greeting of the head, new for each link
   * @param observer is notified of the state of the workers
   */
  public Workers(
      Head head, Dialer dialer, Settings settings, Supplier<Hello> hello, Observer observer) {
    this.head = head;
    this.dialer = dialer;
    this.loop = head.loop();
    this.settings = settings;
    this.arrivals = new Arrivals(settings.limits().value());
    this.hello = () -> head.greeting(hello.get());
    this.observer = observer;
  }

  /** Starts to dial the addresses; the same one twice counts once. */
  public void dial(List<Address> addresses) {
    for (Address address : addresses) {
      named.computeIfAbsent(address, each -> new NamedWorker(this, each));
    }
    named.values().forEach(NamedWorker::dial);
    onChanged();
  }

  /** Returns what lets workers join that dial this program. */
  public Acceptor acceptor() {
    return (peer, from) ->
        switch (peer.role()) {
          case WORKER -> admit(peer, from);
          case HEAD ->
              new Acceptor.Answer.Refuse(
                  "This is a head (a program that runs jobs), too. Only workers can join "
                      + "it; start one by grain-worker --head.");
          case INSPECTOR, PULSE ->
              new Acceptor.Answer.Refuse("This is a head, but only workers answer this request.");
        };
  }

  private Acceptor.Answer admit(Hello peer, SocketAddress from) {
    JoinedWorker known = members.get(peer.incarnation());
    if (known != null && known.isLate(peer.dial())) {
      return new Acceptor.Answer.Refuse("The worker has connected again.");
    }
    if (known == null || !peer.resumes() || !known.id().equals(peer.session())) {
      return new Acceptor.Answer.Accept(hello.get(), new Guest(this, from, null));
    }
    // the worker has given the former connection up; what comes over it will be sent again
    known.suspend();
    return new Acceptor.Answer.Accept(known.helloAgain(hello.get()), new Guest(this, from, known));
  }

  /** Returns how many workers have joined and are not suspect. */
  public int count() {
    return (int) members.values().stream().filter(JoinedWorker::isConnected).count();
  }

  /** Returns what can be seen of those that have joined, in the order in which they did. */
  public List<Member> members() {
    return members.values().stream().map(JoinedWorker::seen).toList();
  }

  /**
   * Has a worker end: it takes no more jobs. One that has no connection is told when it is back.
   *
   * @param id the id of its process, or its name
   * @param stop whether it ends at once, and what it has runs elsewhere; otherwise it ends when
   *     what it has started has ended
   * @return what can be seen of it then; empty if there is none
   */
  public Optional<Member> drain(String id, boolean stop) {
    Optional<JoinedWorker> found =
        members.values().stream()
            .filter(each -> each.incarnation().equals(id) || each.name().equals(id))
            .findFirst();
    found.ifPresent(each -> each.drain(stop));
    return found.map(JoinedWorker::seen);
  }

  /** Returns whether every named worker has joined, or has failed to at least once. */
  public boolean allAnswered() {
    return named.values().stream().allMatch(NamedWorker::hasAnswered);
  }

  /** Returns what prevents each named worker that has not joined, in sentences. */
  public List<String> complaints() {
    return named.values().stream().map(NamedWorker::complaint).flatMap(Optional::stream).toList();
  }

  /** Says goodbye to all workers and dials no more. */
  public void close() {
    closed = true;
    cancelLonely();
    named.values().forEach(NamedWorker::giveUp);
    inquiries.forEach(Inquiry::giveUp);
    String why = head.detached() == null ? "The run has ended." : "The head is ending.";
    members.values().forEach(member -> member.sayGoodbye(why));
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
    List.copyOf(members.values()).forEach(member -> member.leave(Departure.GONE));
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

  /** Returns the name, or if another worker has it, one that distinguishes them. */
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
  @Nullable JoinedWorker resumeOrJoin(
      @Nullable JoinedWorker member, Connection connection, Hello peer, String where) {
    if (member == null) {
      return join(connection, peer, where);
    }
    if (member.resume(connection, peer)) {
      return member;
    }
    leave(connection, "The session has ended.");
    return null;
  }

  /** Lets the worker join that has answered, or has dialed; null if it has joined already. */
  private @Nullable JoinedWorker join(Connection connection, Hello peer, String where) {
    JoinedWorker known = members.get(peer.incarnation());
    if (known != null && known.isConnected()) {
      leave(connection, "This worker has already joined this run, as %s.".formatted(known.name()));
      return null;
    }
    if (known != null) {
      known.leave(Departure.RETURNING);
    }
    JoinedWorker member = new JoinedWorker(this, connection, peer, distinct(peer.name(), where));
    members.put(peer.incarnation(), member);
    return member;
  }

  /** Asks whether a member lives, again and again, if it is suspect and can be dialed. */
  void inquire(JoinedWorker member) {
    if (!closed && member.isSuspect()) {
      member
          .listensAt()
          .ifPresent(address -> {
            Inquiry inquiry = new Inquiry(this, address, member);
            inquiries.add(inquiry);
            inquiry.ask();
          });
    }
  }

  void forget(Inquiry inquiry) {
    inquiries.remove(inquiry);
  }

  Head head() {
    return head;
  }

  Dialer dialer() {
    return dialer;
  }

  Hello hello() {
    return hello.get();
  }

  /** Returns the greeting of the head at its next dial. */
  Hello helloOfDial() {
    return hello().withDial(++dials);
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
}
