package dev.grain.node;

import dev.grain.bytes.Bytes;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Fractions;
import dev.grain.wire.End;
import dev.grain.wire.Link;
import dev.grain.wire.Message;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The node's side of the link with one head. To be used on the node's loop. */
public final class HeadLink implements JobSource {
  private static final int DECODED_DEMANDS = 1024;

  private final NodeEngine engine;
  private final Link<Message.ToHead> link;
  // only accessed by the loop
  private final Map<Long, NodeJob> jobs = new HashMap<>();
  private final Map<Bytes, Demand> demands =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Bytes, Demand> eldest) {
          return size() > DECODED_DEMANDS;
        }
      };

  /**
   * Makes the node's side of a link.
   *
   * @param engine the engine of the node
   * @param link the way to the head
   */
  public HeadLink(NodeEngine engine, Link<Message.ToHead> link) {
    this.engine = engine;
    this.link = link;
  }

  /** Handles a message of the head. */
  public void receive(Message.ToNode message) {
    switch (message) {
      case Message.Run run -> {
        NodeJob job =
            new NodeJob(run, demands.computeIfAbsent(run.request(), Demand::decode), this);
        jobs.put(run.job(), job);
        engine.add(job);
      }
      case Message.TakeBack(long number, int attempt) -> {
        NodeJob job = find(number, attempt);
        if (job != null && engine.takeBack(job)) {
          jobs.remove(number);
          link.send(new Message.Returned(number, attempt));
          link.flush();
        }
      }
      case Message.Stop(long number, int attempt) -> {
        NodeJob job = find(number, attempt);
        if (job != null) {
          engine.stop(job);
        }
      }
      case Message.CodeContent _, Message.CodeMissing _ ->
          throw new IllegalStateException("A head of this process does not send " + message);
    }
  }

  /** Lets the engine start what fits; to be called after a batch of messages. */
  public void batchEnded() {
    engine.batchEnded();
  }

  private @Nullable NodeJob find(long number, int attempt) {
    NodeJob job = jobs.get(number);
    return job != null && job.order().attempt() == attempt ? job : null;
  }

  @Override
  public void onStarted(NodeJob job, Fractions fractions) {
    link.send(
        new Message.Started(
            job.order().job(), job.order().attempt(), fractions.core(), fractions.gpu()));
  }

  @Override
  public void onEnded(NodeJob job, End end, long ran) {
    jobs.remove(job.order().job());
    link.send(new Message.Ended(job.order().job(), job.order().attempt(), end, ran));
  }

  @Override
  public void onNotStopping(NodeJob job, boolean timedOut) {
    link.send(new Message.NotStopping(job.order().job(), job.order().attempt(), timedOut));
  }

  @Override
  public void onOutput(NodeJob job, Bytes text, boolean error) {
    link.send(new Message.Output(job.order().job(), job.order().attempt(), text, error));
  }

  @Override
  public void flush() {
    link.flush();
  }
}
