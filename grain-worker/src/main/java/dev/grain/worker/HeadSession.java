package dev.grain.worker;

import dev.grain.node.HeadLink;
import dev.grain.node.live.ShippedCode;
import dev.grain.node.live.ThreadJobRunner;
import dev.grain.wire.Connection;
import dev.grain.wire.ConnectionHandler;
import dev.grain.wire.Down;
import dev.grain.wire.Frame;
import dev.grain.wire.Hello;
import dev.grain.wire.Message;
import dev.grain.wire.Session;
import dev.grain.wire.WireException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A link with one run, from its begin to its end: its jobs, their code and their threads.
 *
 * <p>To be used on the worker's loop.
 */
final class HeadSession implements ConnectionHandler {
  private static final Session.Limits LIMITS = Session.Limits.ofThisHeap();

  private final Worker worker;
  private final String from;
  private final Runnable whenUp;
  private final Consumer<Down> whenDown;
  private @Nullable Open open;

  /** What there is while the link is up. */
  private record Open(
      String run,
      Connection connection,
      Session<Message.ToNode, Message.ToHead> session,
      HeadLink link,
      ThreadJobRunner runner) {}

  /**
   * Makes a session whose link is not up yet.
   *
   * @param from whom it is with, for people
   * @param whenUp called when the link is up
   * @param whenDown called when it is down, or did not come up
   */
  HeadSession(Worker worker, String from, Runnable whenUp, Consumer<Down> whenDown) {
    this.worker = worker;
    this.from = from;
    this.whenUp = whenUp;
    this.whenDown = whenDown;
  }

  String from() {
    return from;
  }

  boolean isOf(String run) {
    return open != null && open.run.equals(run);
  }

  @Override
  public void up(Connection connection, Hello peer) {
    String run = peer.run();
    ShippedCode code = new ShippedCode(worker.store(), worker.loop(), worker.own());
    ThreadJobRunner runner = new ThreadJobRunner(run, code::codeOf, LIMITS.value(), false, false);
    HeadLink link = new HeadLink(worker.engine(), runner, code, Session.Limits.MOST_SMALL);
    Session<Message.ToNode, Message.ToHead> session =
        new Session<>(worker.loop(), LIMITS, Message.ToNode.class, link);
    link.open(session);
    session.attach(connection);
    open = new Open(run, connection, session, link, runner);
    worker.onUp(this, run);
    whenUp.run();
  }

  @Override
  public void received(Frame frame) throws WireException {
    if (open != null) {
      open.session.receive(frame);
    }
  }

  @Override
  public void batchEnded() {
    if (open != null) {
      open.session.batchEnded();
    }
  }

  @Override
  public void writable() {
    if (open != null) {
      open.session.onWritable();
    }
  }

  @Override
  public void down(Down why) {
    end(why.sentence());
    whenDown.accept(why);
  }

  private void end(String why) {
    Open ended = open;
    if (ended != null) {
      open = null;
      ended.session.detach();
      ended.link.leave(ended.runner::close);
      worker.onDown(this, ended.run, why);
    }
  }

  /** Ends the link on purpose. */
  void leave(String reason) {
    if (open != null) {
      open.session.flush();
      open.connection.write(new Frame.Goodbye(reason));
      open.connection.close();
      end(reason);
    }
  }
}
