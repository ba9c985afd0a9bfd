package dev.grain.sim;

import dev.grain.wire.Message;
import dev.grain.wire.Session;
import dev.grain.wire.WireException;

/**
 * What joins the head and one node: the real sessions of both sides, over one connection after the
 * other, each of which may be cut at any time.
 */
final class SimulatedLine {
  /** From how many bytes on a value goes in chunks. */
  static final int LARGE = 150;

  private final World world;
  private final SimulatedTransport.End head;
  private final SimulatedTransport.End node;
  private final Session<Message.ToHead, Message.ToNode> headSession;
  private final Session<Message.ToNode, Message.ToHead> nodeSession;
  private final int doublings;
  private final int room;
  private SimulatedTransport toNode;
  private SimulatedTransport toHead;
  private boolean connected;

  SimulatedLine(
      World world,
      SimulatedLoop headLoop,
      SimulatedLoop nodeLoop,
      Session.Owner<Message.ToHead> headOwner,
      Session.Owner<Message.ToNode> nodeOwner) {
    this.world = world;
    this.doublings = 5 + world.below(8);
    this.room = 1 + (1 << world.below(5));
    Session.Limits limits = randomLimits();
    this.headSession = new Session<>(headLoop, limits, Message.ToHead.class, headOwner);
    this.nodeSession = new Session<>(nodeLoop, limits, Message.ToNode.class, nodeOwner);
    this.head = new SimulatedTransport.End(headLoop, headSession);
    this.node = new SimulatedTransport.End(nodeLoop, nodeSession);
    connect();
  }

  /** Small ones, so that much that is rare in life happens often. */
  private Session.Limits randomLimits() {
    return new Session.Limits(
        100 << world.below(6),
        LARGE,
        1 << 20,
        1_000L << world.below(8),
        1 + world.below(40),
        100L << world.below(6),
        world.scaled(10_000, 8));
  }

  Session<Message.ToHead, Message.ToNode> headSession() {
    return headSession;
  }

  Session<Message.ToNode, Message.ToHead> nodeSession() {
    return nodeSession;
  }

  private void connect() {
    connected = true;
    toNode = new SimulatedTransport(world, head, node, doublings, room);
    toHead = new SimulatedTransport(world, node, head, doublings, room);
    try {
      headSession.attach(toNode, nodeSession.received());
      nodeSession.attach(toHead, headSession.received());
    } catch (WireException wrong) {
      throw new IllegalStateException(wrong);
    }
  }

  /** Breaks the connection, if there is one, and makes another a little later. */
  void cut() {
    if (!connected) {
      return;
    }
    connected = false;
    toNode.close();
    toHead.close();
    headSession.detach();
    nodeSession.detach();
    head.loop().at(world.now() + world.scaled(10_000, 10), this::connect);
  }

  /** Checks that nothing is left to be sent or acknowledged. */
  void checkIdle(String name) {
    if (headSession.outboxBytes() + nodeSession.outboxBytes() > 0) {
      throw new IllegalStateException(
          "between the head and %s, %d and %d bytes are left"
              .formatted(name, headSession.outboxBytes(), nodeSession.outboxBytes()));
    }
    if (headSession.isCongested() || nodeSession.isCongested()) {
      throw new IllegalStateException("between the head and " + name + " it is congested");
    }
  }
}
