package dev.grain.session;

import dev.grain.loop.ManualLoop;
import dev.grain.message.Message;
import dev.grain.session.Session.Transport;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Two sessions on one loop, and a connection between them that a test controls. */
final class SessionPair {
  /** What a side has received. */
  static final class Heard<In extends Message> implements Session.Owner<In> {
    final List<In> messages = new ArrayList<>();
    final List<Long> refused = new ArrayList<>();
    int batches;
    int congestionEnds;

    @Override
    public void received(In message) {
      messages.add(message);
    }

    @Override
    public void refused(In message, long length) {
      messages.add(message);
      refused.add(length);
    }

    @Override
    public void batchEnded() {
      batches++;
    }

    @Override
    public void congestionEnded() {
      congestionEnds++;
    }
  }

  /** One direction of the connection: frames stay in it until they are delivered. */
  static final class Wire implements Transport {
    /** How many frames may be on their way before it is not writable; the test may change it. */
    int room = Integer.MAX_VALUE;

    final Deque<Frame> flying = new ArrayDeque<>();
    final List<Frame> all = new ArrayList<>();
    boolean flushed = true;

    @Override
    public void write(Frame frame) {
      flying.add(frame);
      all.add(frame);
      flushed = false;
    }

    @Override
    public void flush() {
      flushed = true;
    }

    @Override
    public boolean isWritable() {
      return flying.size() < room;
    }

    @Override
    public void close() {}
  }

  final ManualLoop loop;
  final Heard<Message.ToHead> headHeard = new Heard<>();
  final Heard<Message.ToNode> nodeHeard = new Heard<>();
  final Session<Message.ToHead, Message.ToNode> head;
  final Session<Message.ToNode, Message.ToHead> node;
  Wire toNode = new Wire();
  Wire toHead = new Wire();

  SessionPair(SessionLimits limits) throws WireException {
    this(limits, new ManualLoop(), new Arrivals(limits.value()));
  }

  /** Makes a pair whose head shares its room for large values with others on the loop. */
  SessionPair(SessionLimits limits, ManualLoop loop, Arrivals arrivals) throws WireException {
    this.loop = loop;
    head = new Session<>(loop, limits, arrivals, Message.ToHead.class, headHeard);
    node =
        new Session<>(loop, limits, new Arrivals(limits.value()), Message.ToNode.class, nodeHeard);
    connect();
  }

  /** Connects both; each goes on behind what the other one has. */
  void connect() throws WireException {
    toNode = new Wire();
    toHead = new Wire();
    head.attach(toNode, node.received());
    node.attach(toHead, head.received());
  }

  /** Breaks the connection; what is on its way is lost. */
  void cut() {
    head.detach();
    node.detach();
    toNode.flying.clear();
    toHead.flying.clear();
  }

  /** Delivers one frame to the node, and returns whether there was one. */
  boolean deliverToNode() throws WireException {
    return deliver(toNode, head, node);
  }

  /** Delivers one frame to the head, and returns whether there was one. */
  boolean deliverToHead() throws WireException {
    return deliver(toHead, node, head);
  }

  private static boolean deliver(Wire wire, Session<?, ?> sender, Session<?, ?> receiver)
      throws WireException {
    boolean wasWritable = wire.isWritable();
    Frame frame = wire.flying.poll();
    if (frame == null) {
      return false;
    }
    receiver.receive(frame);
    receiver.batchEnded();
    if (!wasWritable && wire.isWritable()) {
      sender.onWritable();
    }
    return true;
  }

  /** Delivers everything, and lets delayed acknowledgements go. */
  void deliverAll() throws WireException {
    for (int quiet = 0; quiet < 2; quiet++) {
      while (deliverBoth()) {
        loop.pass(0);
        quiet = 0;
      }
      loop.pass(1_000_000_000);
    }
  }

  private boolean deliverBoth() throws WireException {
    boolean one = deliverToNode();
    boolean other = deliverToHead();
    return one || other;
  }
}
