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

  /** From how many bytes on a value is large enough to say before that the slots are free. */
  public static final long LARGE_VALUE = 64 << 10;

  private final NodeEngine engine;
  private final Link<Message.ToHead> link;
  private final long large;
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
   * @param large from how many bytes on a value takes so long on the link that the head is told
   *     before that the slots are free; for example {@link #LARGE_VALUE}
   */
  public HeadLink(NodeEngine engine, Link<Message.ToHead> link, long large) {
    this.engine = engine;
    this.link = link;
    this.large = large;
    engine.attach(this);
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
          onReturned(job);
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
    if (size(end) >= large) {
      link.send(new Message.Freed(job.order().job(), job.order().attempt(), ran));
    }
    link.send(new Message.Ended(job.order().job(), job.order().attempt(), end, ran));
  }

  private static long size(End end) {
    return switch (end) {
      case End.Value(Bytes value) -> value.length();
      case End.Failure(Bytes failure) -> failure.length();
      case End.TimedOut _, End.Cancelled _ -> 0;
    };
  }

  @Override
  public void onReturned(NodeJob job) {
    jobs.remove(job.order().job());
    link.send(new Message.Returned(job.order().job(), job.order().attempt()));
  }

  @Override
  public void onDraining() {
    link.send(new Message.Draining());
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
