package dev.grain.session;

import dev.grain.loop.Loop;
import dev.grain.message.Link;
import dev.grain.message.Message;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One side of the talk of a head and a node, over one connection after the other: each message
 * arrives once, and messages about the same job in the order in which they were sent.
 *
 * <p>Messages that were sent are kept until the other side has acknowledged them. After a
 * connection was lost, {@link #attach} goes on behind the last one that has arrived. Large values
 * go in chunks; messages about other jobs overtake them. So what must be known before a message
 * about another job has to go in a small message, as {@link Message.Freed} does.
 *
 * <p>To be used on its loop, which also calls its owner.
 *
 * @param <In> what is received
 * @param <Out> what is sent
 */
public final class Session<In extends Message, Out extends Message> implements Link<Out> {
  /** How many frames are written before the loop gets to other tasks. */
  private static final int PASS = 16;

  private final Loop loop;
  private final SessionLimits limits;
  private final Owner<In> owner;

  // all fields are only accessed by the loop
  private final Outbox outbox;
  private final Inbox<In> inbox;
  private @Nullable Transport transport;
  private boolean writing;
  private boolean writePosted;
  private boolean acknowledgeNow;
  private boolean acknowledgeLater;
  private boolean congested;
  private @Nullable Runnable whenDelivered;

  /**
   * Makes a session without a connection.
   *
   * @param loop its loop
   * @param limits what it keeps to
   * @param arrivals the room for large values, which it shares with others of its loop
   * @param incoming the type of what is received; anything else is an error of the peer
   * @param owner receives what arrives
   */
  public Session(
      Loop loop, SessionLimits limits, Arrivals arrivals, Class<In> incoming, Owner<In> owner) {
    this.loop = loop;
    this.limits = limits;
    this.owner = owner;
    this.outbox = new Outbox(limits);
    this.inbox = new Inbox<>(incoming, limits.value(), owner, arrivals, this::writeLater);
  }

  /**
   * Hears what happens in a session, on its loop.
   *
   * @param <In> what is received
   */
  public interface Owner<In> {
    /** A message has arrived. */
    void received(In message);

    /**
     * A message has arrived without a value, which is larger than {@link SessionLimits#value}. The
     * session goes on; the owner decides what becomes of this message.
     *
     * @param message the message, with empty sequences in place of its large values
     * @param length how many bytes its largest value has
     */
    void refused(In message, long length);

    /** All messages that came together have been handed over, and there was one at least. */
    void batchEnded();

    /** {@link #isCongested()} no longer holds. */
    void congestionEnded();
  }

  // ---------------------------------------------------------------- connections

  /**
   * Begins over its first connection.
   *
   * @throws IllegalStateException if there is a connection already
   */
  public void attach(Transport transport) {
    try {
      attach(transport, 0);
    } catch (WireException e) {
      throw new IllegalStateException("The session has had a connection before", e);
    }
  }

  /**
   * Goes on over a connection: sends again what came after a number, then what was not sent yet.
   *
   * @param transport the connection
   * @param receivedByPeer what {@link #received} returns on the other side; 0 for a new session
   * @throws WireException if that is not possible, because the number is not one of this session
   * @throws IllegalStateException if there is a connection already
   */
  public void attach(Transport transport, long receivedByPeer) throws WireException {
    if (this.transport != null) {
      throw new IllegalStateException("The session has a connection already");
    }
    outbox.resume(receivedByPeer);
    inbox.sayAgain();
    this.transport = Objects.requireNonNull(transport);
    checkCongestion();
    write();
  }

  /** The connection is gone; what was sent and not acknowledged stays. */
  public void detach() {
    transport = null;
  }

  /** It is over, and goes on over no other connection: what has arrived in part is given up. */
  public void close() {
    detach();
    inbox.close();
  }

  /** Returns the number of the last thing received, for the other side to go on from there. */
  public long received() {
    return inbox.received();
  }

  // ---------------------------------------------------------------- receiving

  /**
   * Handles a frame of the connection.
   *
   * @throws WireException if the peer must not send this; the connection is to be closed
   */
  public void receive(Frame frame) throws WireException {
    switch (frame) {
      case Frame.Numbered numbered -> inbox.receive(numbered);
      case Frame.Ack(long received) -> {
        outbox.acknowledge(received);
        checkCongestion();
        checkDelivered();
      }
      case Frame.TooLarge(long value) -> {
        outbox.skip(value);
        checkCongestion();
      }
      case Frame.Hold(long value) -> outbox.hold(value);
      case Frame.GoOn(long value) -> {
        outbox.goOn(value);
        write();
      }
      case Frame.Goodbye _, Frame.Heartbeat _ -> {} // these are about the connection
    }
  }

  /** The frames that came together have been handed over; to be called after some of them. */
  public void batchEnded() {
    if (inbox.takeDelivered()) {
      owner.batchEnded();
    }
    if (inbox.unacknowledged() >= limits.acknowledgedMessages()
        || inbox.unacknowledgedBytes() >= limits.acknowledgedBytes()) {
      acknowledgeNow = true;
    } else if (inbox.unacknowledged() > 0 && !acknowledgeLater) {
      acknowledgeLater = true;
      loop.schedule(
          limits.acknowledgeDelay(),
          () -> {
            acknowledgeLater = false;
            acknowledgeNow = inbox.unacknowledged() > 0;
            write();
          });
    }
    write();
  }

  // ---------------------------------------------------------------- sending

  @Override
  public void send(Out message) {
    outbox.add(message);
    congested = congested || outbox.bytes() > limits.congestion();
  }

  @Override
  public void flush() {
    write();
  }

  /** The connection wants more again. */
  public void onWritable() {
    write();
  }

  /** Returns about how many bytes of messages were sent and are not yet acknowledged. */
  public long outboxBytes() {
    return outbox.bytes();
  }

  /**
   * Returns the messages without large values that wait to be sent: no connection has carried them,
   * so the other side surely has none of them.
   */
  public List<Message> unsent() {
    return outbox.unsent();
  }

  /**
   * Returns whether the other side takes less than what is sent: from the moment when {@link
   * #outboxBytes} is over the bound until it is at most half of it.
   */
  @Override
  public boolean isCongested() {
    return congested;
  }

  /** Calls back once, when the other side has acknowledged everything that was sent. */
  public void whenDelivered(Runnable action) {
    whenDelivered = action;
    checkDelivered();
  }

  private void checkDelivered() {
    Runnable action = whenDelivered;
    if (action != null && outbox.bytes() == 0) {
      whenDelivered = null;
      action.run();
    }
  }

  private void checkCongestion() {
    if (congested && outbox.bytes() <= limits.congestion() / 2) {
      congested = false;
      owner.congestionEnded();
    }
  }

  /** Writes as long as the connection wants more, but not so long that it keeps the loop. */
  private void write() {
    Transport connection = transport;
    if (connection == null || writing) {
      return;
    }
    writing = true;
    int written = 0;
    while (written < PASS && connection.isWritable() && writeNext(connection)) {
      written++;
    }
    if (written > 0) {
      connection.flush();
    }
    writing = false;
    if (transport == connection && connection.isWritable() && outbox.hasNext()) {
      writeLater();
    }
  }

  private void writeLater() {
    if (!writePosted) {
      writePosted = true;
      loop.post(() -> {
        writePosted = false;
        write();
      });
    }
  }

  /** Writes one frame if there is one; an acknowledgement goes ahead of whatever goes anyway. */
  private boolean writeNext(Transport connection) {
    Frame next = inbox.nextToSay();
    if (next == null && inbox.unacknowledged() > 0 && (acknowledgeNow || outbox.hasNext())) {
      acknowledgeNow = false;
      next = inbox.acknowledge();
    }
    if (next == null) {
      next = outbox.next();
    }
    if (next == null) {
      return false;
    }
    connection.write(next);
    return true;
  }

  /**
   * One connection as a {@link Session} sees it: takes frames and carries them in order, until it
   * breaks.
   *
   * <p>To be used on the loop of the session.
   */
  public interface Transport {
    /** Sends the frame with the next {@link #flush()}; takes it even while not writable. */
    void write(Frame frame);

    /** Lets everything written so far go. */
    void flush();

    /**
     * Returns whether it wants more. When it does again after it did not, {@link
     * Session#onWritable()} is to be called.
     */
    boolean isWritable();

    /** Ends the connection. What was not yet carried may be lost. */
    void close();
  }
}
