package dev.grain.node.link;

import dev.grain.loop.Loop;
import dev.grain.node.CodeAccess;
import dev.grain.node.JobRunner;
import dev.grain.node.NodeEngine;
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
import dev.grain.wire.Hello;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of a node with the heads of runs: with those that dial it, and with those that it
 * dials.
 *
 * <p>A session whose connection is lost is kept for a while, and goes on over the next one if the
 * head wants that: nothing that was said in either direction is lost, or said twice. A head that
 * does not come back has its jobs stopped, as nobody waits for them; one that comes back later is
 * told so by the welcome, which resumes nothing.
 *
 * <p>To be used on the node's loop.
 */
public final class HeadSessions {
  private final NodeEngine engine;
  private final Loop loop;
  private final Settings settings;
  private final Arrivals arrivals;
  private final Supplier<Hello> hello;
  private final Runs runs;

  // all only accessed by the loop
  private final SequencedMap<String, HeadSession> sessions = new LinkedHashMap<>();
  private final List<HeadDial> dials = new ArrayList<>();
  private long dialed;
  private @Nullable Leaving leaving;

  /**
   * What is kept to.
   *
   * @param limits what sessions keep to
   * @param largeValue from how many bytes on a value takes so long on the link that the head is
   *     told before that the slots are free
   * @param grace after how many nanoseconds without a connection a session ends
   * @param closedGrace the same where the head's machine has closed the connection, though not the
   *     head itself by a goodbye: most likely the process has died
   */
  public record Settings(Session.Limits limits, long largeValue, long grace, long closedGrace) {
    /** Keeps a session for this long, and less if its head is probably dead. */
    public static Settings of(long grace) {
      return new Settings(
          Session.Limits.ofThisHeap(), HeadLink.LARGE_VALUE, grace, Math.min(grace, CLOSED_GRACE));
    }

    private static final long CLOSED_GRACE = 10_000_000_000L;
  }

  /** Provides for runs, and is told what becomes of them. Called on the loop; must not block. */
  public interface Runs {
    /** Returns what the jobs of a run need. */
    Equipment equip(String run);

    /** A run has joined. */
    void joined(String run, String from);

    /**
     * The connection with a run is lost.
     *
     * @param nanos how long it is waited for
     * @param why a sentence
     */
    void suspended(String run, String from, long nanos, String why);

    /** The run goes on over another connection. */
    void resumed(String run, String from);

    /** A run has left. */
    void left(String run, String from, String why);

    /** A head that is dialed again and again does not answer; not said twice in a row. */
    void missed(String why);
  }

  /**
   * What the jobs of a run need.
   *
   * @param runner runs them
   * @param code has their code
   * @param whenLeft called when the last of them has ended
   */
  public record Equipment(JobRunner runner, CodeAccess code, Runnable whenLeft) {}

  /** What is to be done once everything is delivered. */
  private record Leaving(String reason, Runnable then) {}

  /**
   * Makes a node's sessions, of which there are none.
   *
   * @param hello what the node says of itself on a new connection
   */
  public HeadSessions(
      NodeEngine engine, Loop loop, Settings settings, Supplier<Hello> hello, Runs runs) {
    this.engine = engine;
    this.loop = loop;
    this.settings = settings;
    this.arrivals = new Arrivals(settings.limits().value());
    this.hello = hello;
    this.runs = runs;
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

  Settings settings() {
    return settings;
  }

  Runs runs() {
    return runs;
  }

  Hello helloOfDial() {
    return hello.get().withDial(++dialed);
  }

  /** Returns how many there are, with and without a connection. */
  public int count() {
    return sessions.size();
  }

  /** Returns whether the heads have everything that they were told. */
  public boolean areDelivered() {
    return sessions.values().stream().allMatch(HeadSession::isDelivered);
  }

  // ---------------------------------------------------------------- heads that dial

  /** Returns whether the head that has dialed wants to go on with a session that is here. */
  public boolean isKnown(Hello peer) {
    return find(peer) != null;
  }

  /**
   * Answers a head that has dialed. One that wants to go on with a session that is over gets to
   * know so, by a welcome that does not say that it goes on, and has to dial again.
   *
   * @param from where it is, for people
   */
  public Acceptor.Answer accept(Hello peer, String from) {
    for (HeadSession each : sessions.values()) {
      if (each.run().equals(peer.run()) && each.isLate(peer.dial())) {
        return new Acceptor.Answer.Refuse("The head has dialed again since.");
      }
    }
    HeadSession known = find(peer);
    if (known == null) {
      return new Acceptor.Answer.Accept(
          hello.get(), peer.resumes() ? new Over() : new Contact(from, null, _ -> {}));
    }
    // the head has given the former connection up; what still comes over it will be sent again
    known.suspend(new Down(Down.Kind.SILENT, "The head at " + from + " has dialed again."));
    return new Acceptor.Answer.Accept(
        hello.get().withReceived(known.received()), new Contact(from, known, _ -> {}));
  }

  private @Nullable HeadSession find(Hello peer) {
    HeadSession known = peer.resumes() ? sessions.get(peer.session()) : null;
    return known != null && known.run().equals(peer.run()) ? known : null;
  }

  /** A connection with a head whose session is over, which it gets to know by the welcome. */
  private static final class Over implements ConnectionHandler {
    @Override
    public void up(Connection connection, Hello peer) {}

    @Override
    public void down(Down why) {}
  }

  // ---------------------------------------------------------------- heads that are dialed

  /** Dials a head, again and again: a run that ends is followed by the next one. */
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
    String run = peer.run();
    for (HeadSession other : List.copyOf(sessions.values())) {
      if (other.run().equals(run) || other.id().equals(id)) {
        other.leave("The head has begun another session.");
      }
    }
    HeadSession session = new HeadSession(this, id, run, from, runs.equip(run));
    session.isLate(peer.dial());
    sessions.put(id, session);
    runs.joined(run, from);
    return session;
  }

  void onEnded(HeadSession session, String why) {
    if (sessions.remove(session.id(), session)) {
      runs.left(session.run(), session.from(), why);
      leaveIfDelivered();
    }
  }

  /**
   * Ends all sessions as soon as the heads have all that they were told, and says goodbye.
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
    for (HeadSession session : sessions.values()) {
      if (!session.isDelivered()) {
        session.whenDelivered(this::leaveIfDelivered);
        return;
      }
    }
    leaving = null;
    leave(wanted.reason);
    wanted.then.run();
  }

  /** Ends all sessions at once, and says goodbye. */
  public void leave(String reason) {
    List.copyOf(sessions.values()).forEach(session -> session.leave(reason));
  }

  /** One connection with a head, from the greeting to its end. */
  final class Contact implements ConnectionHandler {
    private final String from;
    private final Consumer<Down> whenDown;
    private @Nullable HeadSession session;
    private @Nullable Connection connection;

    /**
     * Makes one that is not up.
     *
     * @param session the one that is to go on over it; null to begin one
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
      return connection != null;
    }

    @Override
    public void up(Connection opened, Hello peer) {
      HeadSession former = session;
      if (former != null && former.hasEnded() && peer.resumes()) {
        opened.write(new Frame.Goodbye("This session is over."));
        opened.close();
        down(new Down(Down.Kind.GOODBYE, "The session with " + from + " is over."));
        return;
      }
      boolean resumes =
          former != null
              && !former.hasEnded()
              && peer.resumes()
              && former.id().equals(peer.session());
      if (former != null && !resumes) {
        former.end("The head has begun another session.");
      }
      HeadSession mine = resumes && former != null ? former : begin(opened.session(), peer, from);
      connection = opened;
      session = mine;
      try {
        mine.attach(opened, resumes ? peer.received() : 0);
        if (resumes) {
          runs.resumed(mine.run(), from);
        }
      } catch (WireException wrong) {
        mine.end("It cannot go on: " + wrong.getMessage());
        opened.close();
        down(new Down(Down.Kind.MALFORMED, from + ": " + wrong.getMessage()));
      }
    }

    @Override
    public void received(Frame frame) throws WireException {
      if (session != null && connection != null) {
        session.receive(connection, frame);
      }
    }

    @Override
    public void batchEnded() {
      if (session != null && connection != null) {
        session.batchEnded(connection);
      }
    }

    @Override
    public void writable() {
      if (session != null && connection != null) {
        session.onWritable(connection);
      }
    }

    @Override
    public void down(Down why) {
      if (session != null && connection != null) {
        session.onDown(connection, why);
      }
      whenDown.accept(why);
    }
  }
}
