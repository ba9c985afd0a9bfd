package dev.grain.node.link;

import dev.grain.loop.Loop;
import dev.grain.message.Message;
import dev.grain.node.Equipment;
import dev.grain.node.NodeEngine;
import dev.grain.node.prepare.Logins;
import dev.grain.session.Arrivals;
import dev.grain.session.Frame;
import dev.grain.session.WireException;
import dev.grain.wire.Acceptor;
import dev.grain.wire.Address;
import dev.grain.wire.Carrier;
import dev.grain.wire.Connection;
import dev.grain.wire.Connection.ConnectionHandler;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.Dialer;
import dev.grain.wire.Hello;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of a node with heads: with those that dial it, and with those that it dials.
 *
 * <p>A session whose connection is lost is kept for a while, and continues over the next one if the
 * head wants that: nothing that was sent in either direction is lost, or sent twice. A head that
 * does not come back has its jobs stopped, as nobody waits for them; one that comes back later
 * learns that from the welcome, which resumes nothing. The detached jobs of a head that has several
 * lives go on for longer, and the next session with a life of it takes them over.
 *
 * <p>To be used on the node's loop.
 */
public final class HeadSessions {
  private final NodeEngine engine;
  private final Loop loop;
  private final HeadSessionSettings settings;
  private final Arrivals arrivals;
  private final Supplier<Hello> hello;
  private final BiFunction<String, Logins, Equipment> equip;
  private final HeadObserver observer;

  // all only accessed by the loop
  private final SequencedMap<String, HeadSession> sessions = new LinkedHashMap<>();
  // of heads that are away, by the ids that all their lives have
  private final SequencedMap<String, Orphans> orphans = new LinkedHashMap<>();
  private final List<HeadDial> dials = new ArrayList<>();
  private long dialed;
  private @Nullable Leaving leaving;
  // whether the node ends
  private boolean left;

  /** What is to be done once everything is delivered. */
  private record Leaving(String reason, Runnable then) {}

  /**
   * Makes a node's sessions, of which there are none.
   *
   * @param hello the greeting of the node on a new connection
   * @param equip returns what the jobs of a run need, by the id of the run and with its logins;
   *     called on the loop
   * @param observer is notified of the state of the heads
   */
  public HeadSessions(
      NodeEngine engine,
      Loop loop,
      HeadSessionSettings settings,
      Supplier<Hello> hello,
      BiFunction<String, Logins, Equipment> equip,
      HeadObserver observer) {
    this.engine = engine;
    this.loop = loop;
    this.settings = settings;
    this.arrivals = new Arrivals(settings.limits().value());
    this.hello = hello;
    this.equip = equip;
    this.observer = observer;
  }

  NodeEngine engine() {
    return engine;
  }

  Loop loop() {
    return loop;
  }

  Arrivals arrivals() {
    return arrivals;
  }

  HeadSessionSettings settings() {
    return settings;
  }

  BiFunction<String, Logins, Equipment> equip() {
    return equip;
  }

  HeadObserver observer() {
    return observer;
  }

  /**
   * Returns a link that is not open, with a head that has several lives or, if empty, one.
   *
   * @param onDrain called when the head wants the worker to end
   */
  HeadLink link(String lastingHead, Consumer<Message.Drain> onDrain) {
    return new HeadLink(
        engine, equip, settings.largeValue(), lastingHead, settings.limits().congestion(), onDrain);
  }

  Hello helloOfDial() {
    return hello.get().withDial(++dialed);
  }

  /** Returns how many heads are away whose detached jobs are here. */
  public int orphanedCount() {
    return orphans.size();
  }

  /** Returns how many there are, with and without a connection. */
  public int count() {
    return sessions.size();
  }

  // ---------------------------------------------------------------- heads that dial

  /** Returns whether the head that has dialed wants to go on with a session that is here. */
  public boolean isKnown(Hello peer) {
    return find(peer) != null;
  }

  /**
   * Answers a head that has dialed. One that wants to continue a session that is over gets a
   * welcome that does not resume it, and has to dial again.
   *
   * @param from where it is, for people
   */
  public Acceptor.Answer accept(Hello peer, String from) {
    for (HeadSession each : sessions.values()) {
      if (each.head().equals(peer.head()) && each.isLate(peer.dial())) {
        return new Acceptor.Answer.Refuse("The head has connected again.");
      }
    }
    String twin = twin(peer);
    if (twin != null) {
      return new Acceptor.Answer.Refuse(twin);
    }
    HeadSession known = find(peer);
    if (known == null) {
      return new Acceptor.Answer.Accept(
          hello.get(), peer.resumes() ? new Over() : new Contact(from, null, _ -> {}));
    }
    // the head has given the former connection up; what still comes over it will be sent again
    known.suspend(new Down(Down.Kind.SILENT, "The head at " + from + " has connected again."));
    return new Acceptor.Answer.Accept(
        hello.get().withReceived(known.lasting().received()), new Contact(from, known, _ -> {}));
  }

  /** Returns why the life of a head cannot join, as another one is connected; null if it can. */
  private @Nullable String twin(Hello peer) {
    for (HeadSession each : sessions.values()) {
      if (each.isOfAnotherLife(peer) && each.lasting().isConnected()) {
        return "Another process of the head %s is connected to this worker, from %s. Only one may run: end one of the two."
            .formatted(peer.lasting(), each.from());
      }
    }
    return null;
  }

  private @Nullable HeadSession find(Hello peer) {
    HeadSession known = peer.resumes() ? sessions.get(peer.session()) : null;
    return known != null && known.head().equals(peer.head()) ? known : null;
  }

  /** A connection with a head whose session is over, which it gets to know by the welcome. */
  private static final class Over implements ConnectionHandler {
    @Override
    public void up(Connection connection, Hello peer) {}

    @Override
    public void down(Down why) {}
  }

  // ---------------------------------------------------------------- heads that are dialed

  /** Dials a head, again and again: a life of it that ends is followed by the next one. */
  public void dial(Dialer dialer, Address head) {
    HeadDial dial = new HeadDial(this, dialer, head);
    dials.add(dial);
    dial.start();
  }

  /** Dials nobody any more. */
  public void stopDialing() {
    dials.forEach(HeadDial::giveUp);
  }

  // ---------------------------------------------------------------- sessions

  private HeadSession begin(String id, Hello peer, String from) {
    String head = peer.head();
    for (HeadSession other : List.copyOf(sessions.values())) {
      if (other.head().equals(head) || other.id().equals(id)) {
        other.leave("The head has started another session.");
      } else if (other.isOfAnotherLife(peer)) {
        other.end("The head was started again.");
      }
    }
    Orphans waiting = orphans.remove(peer.lasting());
    HeadLink former = waiting == null ? null : waiting.link();
    HeadSession session = new HeadSession(this, id, peer, from, former);
    sessions.put(id, session);
    observer.joined(head, from);
    if (waiting != null) {
      waiting.end();
      waiting.link().leave();
      observer.adopted(peer.lasting(), from, session.link().keptJobs());
      if (leaving != null) {
        // when it has settled what was kept for it
        loop.post(this::leaveIfDelivered);
      }
    }
    return session;
  }

  /**
   * Keeps the detached jobs of a session that ends, if it has some.
   *
   * @param nanos for how long
   * @param why a sentence
   */
  void keepOrphans(HeadSession session, long nanos, String why) {
    if (left || !session.link().keepsSomething()) {
      return;
    }
    String head = session.lastingHead();
    HeadLink orphaned = link(head, _ -> {});
    orphaned.takeOver(session.link());
    orphans.put(
        head, new Orphans(head, session.from(), orphaned, loop, nanos, () -> abandon(head)));
    observer.orphaned(head, session.from(), orphaned.keptJobs(), nanos, why);
  }

  /** Returns what is kept of the heads that are away. */
  List<Orphans> orphans() {
    return List.copyOf(orphans.values());
  }

  /** The head has not come back in time. */
  void abandon(String head) {
    Orphans those = orphans.remove(head);
    if (those != null) {
      int jobs = those.link().keptJobs();
      those.link().leave();
      observer.abandoned(head, those.from(), jobs);
      leaveIfDelivered();
    }
  }

  void onEnded(HeadSession session, String why) {
    if (sessions.remove(session.id(), session)) {
      observer.left(session.head(), session.from(), why);
      leaveIfDelivered();
    }
  }

  /**
   * Ends all sessions as soon as the heads have received all that was sent, and sends goodbye.
   * Until then, heads whose connection is lost are dialed.
   *
   * @param reason a sentence for the heads
   * @param then called when none is left
   */
  public void leaveWhenDelivered(String reason, Runnable then) {
    leaving = new Leaving(reason, then);
    leaveIfDelivered();
  }

  private void leaveIfDelivered() {
    Leaving wanted = leaving;
    if (wanted == null) {
      return;
    }
    HeadSession waiting = undelivered();
    if (waiting != null) {
      waiting.whenDelivered(this::leaveIfDelivered);
      return;
    }
    if (orphans.values().stream().anyMatch(each -> each.link().hasUnsettled())) {
      // until the head is back, or nobody waits for it any more
      return;
    }
    leaving = null;
    leave(wanted.reason);
    wanted.then.run();
  }

  /** Returns a session whose head has not received everything that was sent; null if all have. */
  @Nullable HeadSession undelivered() {
    for (HeadSession session : sessions.values()) {
      if (!session.isDelivered()) {
        return session;
      }
    }
    return null;
  }

  /** Ends all sessions at once, sends goodbye, and dials nobody any more. */
  public void leave(String reason) {
    left = true;
    stopDialing();
    List.copyOf(sessions.values()).forEach(session -> session.leave(reason));
    orphans
        .values()
        .forEach(each -> {
          each.end();
          each.link().leave();
        });
    orphans.clear();
  }

  /** One connection with a head, from the greeting to its end. */
  final class Contact extends Carrier {
    private final String from;
    private final Consumer<Down> whenDown;
    // both only accessed by the loop
    private @Nullable HeadSession session;
    private boolean wasUp;

    /**
     * Makes one that is not up.
     *
     * @param session the one that is to continue over it; null to start one
     * @param whenDown called when it is down, or did not come up
     */
    Contact(String from, @Nullable HeadSession session, Consumer<Down> whenDown) {
      this.from = from;
      this.session = session;
      this.whenDown = whenDown;
    }

    @Nullable HeadSession session() {
      return session;
    }

    boolean wasUp() {
      return wasUp;
    }

    @Override
    public void up(Connection opened, Hello peer) {
      HeadSession former = session;
      if (former != null && former.hasEnded() && peer.resumes()) {
        if (peer.lasting().isEmpty()) {
          opened.write(new Frame.Goodbye("The session has ended."));
        }
        // by a goodbye a head with several lives would take its detached jobs for lost
        opened.close();
        down(new Down(Down.Kind.GOODBYE, "The session with " + from + " is over."));
        return;
      }
      String twin = twin(peer);
      if (twin != null) {
        opened.write(new Frame.Goodbye(twin));
        opened.close();
        down(new Down(Down.Kind.REFUSED, twin));
        return;
      }
      boolean resumes =
          former != null
              && !former.hasEnded()
              && peer.resumes()
              && former.id().equals(peer.session());
      if (former != null && !resumes) {
        former.end(whyReplaced(former, peer));
      }
      HeadSession mine = resumes && former != null ? former : begin(opened.session(), peer, from);
      wasUp = true;
      session = mine;
      carry(mine.lasting(), opened);
      try {
        mine.lasting().attach(opened, resumes ? peer.received() : 0);
        if (resumes) {
          observer.resumed(mine.head(), from);
        }
      } catch (WireException wrong) {
        mine.end("It cannot continue: " + wrong.getMessage());
        opened.close();
        down(new Down(Down.Kind.MALFORMED, from + ": " + wrong.getMessage()));
      }
    }

    private String whyReplaced(HeadSession former, Hello peer) {
      return former.head().equals(peer.head())
          ? "The head has started another session."
          : former.isOfAnotherLife(peer)
              ? "The head was started again."
              : "Another head answers at %s now%s."
                  .formatted(from, peer.lasting().isEmpty() ? "" : ": " + peer.lasting());
    }

    @Override
    public void down(Down why) {
      if (session != null && carries()) {
        session.onDown(why);
      }
      whenDown.accept(why);
    }
  }
}
