package dev.grain.head;

import dev.grain.Cause;
import dev.grain.dispatch.JobEnd;
import dev.grain.explain.Reason;
import dev.grain.message.Message;
import dev.grain.message.Order;
import dev.grain.schedule.Effects;
import dev.grain.schedule.Node;
import dev.grain.schedule.ScheduledJob;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns the commands of the scheduler into messages, which go with the next flush, one for all that
 * is sent to a node. To be used on the head's loop.
 */
final class NodeMessages implements Effects {
  // all only accessed by the loop
  private final IdentityHashMap<Node, NodeSession> sessions = new IdentityHashMap<>();
  // the same, in the order in which they joined
  private final List<NodeSession> sessionsInOrder = new ArrayList<>();
  private final List<NodeSession> toFlush = new ArrayList<>();
  // of the node that was sent something last
  private @Nullable NodeSession last;
  private long decisions;

  void add(NodeSession session) {
    sessions.put(session.node(), session);
    sessionsInOrder.add(session);
  }

  void remove(NodeSession session) {
    sessions.remove(session.node());
    sessionsInOrder.remove(session);
    toFlush.remove(session);
    last = null;
  }

  /** Returns the session with a node; null if it is lost. */
  @Nullable NodeSession session(Node node) {
    return sessions.get(node);
  }

  /** Returns what the node of a job makes ready for it; null if it does not. */
  @Nullable String preparing(HeadJob job) {
    Node node = job.node();
    NodeSession session = node == null ? null : sessions.get(node);
    return session == null ? null : session.preparing(job);
  }

  /** Returns how many jobs were sent to a node, again included. */
  long decisions() {
    return decisions;
  }

  /** Lets everything go that was sent since the last flush. */
  void flush() {
    for (NodeSession session : toFlush) {
      session.unflushed = false;
      session.link().flush();
    }
    toFlush.clear();
  }

  @Override
  public void run(Node node, ScheduledJob scheduled) {
    HeadJob job = (HeadJob) scheduled;
    decisions++;
    job.owner().onSent(job);
    HeadRecording.sent(job, node);
    send(node, job, orderOf(job));
  }

  private static Order orderOf(HeadJob job) {
    return new Order(
        job.owner().run(),
        job.id(),
        job.number(),
        job.attempt(),
        job.alone(),
        job.template().spec(),
        job.input());
  }

  /** Has the nodes forget a run that is over. */
  void runOver(String run) {
    for (NodeSession session : sessionsInOrder) {
      session.link().send(new Message.RunOver(run));
      session.link().flush();
    }
  }

  @Override
  public void takeBack(Node node, ScheduledJob job) {
    send(node, (HeadJob) job, new Message.TakeBack(job.number(), job.attempt()));
  }

  @Override
  public void stop(Node node, ScheduledJob job) {
    send(node, (HeadJob) job, new Message.Stop(job.number(), job.attempt()));
  }

  @Override
  public void finish(ScheduledJob scheduled, Cause cause, Reason reason) {
    HeadJob job = (HeadJob) scheduled;
    Reason told =
        reason instanceof Reason.Unmeetable unmeetable && !job.owner().isGivenUp()
            ? unmeetable.asAvoidable()
            : reason;
    job.owner().deliver(job, new JobEnd.Ended(cause, told, job.history()));
  }

  private void send(Node node, HeadJob job, Message.ToNode message) {
    if (!job.owner().defers(job, node, message)) {
      send(node, message);
    }
  }

  /** Sends a message with the next flush, unless the node is lost. */
  void send(Node node, Message.ToNode message) {
    NodeSession session = last;
    if (session == null || session.node() != node) {
      session = sessions.get(node);
      last = session;
    }
    if (session != null) {
      session.link().send(message);
      if (!session.unflushed) {
        session.unflushed = true;
        toFlush.add(session);
      }
    }
  }
}
