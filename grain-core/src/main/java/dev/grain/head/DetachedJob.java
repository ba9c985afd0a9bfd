package dev.grain.head;

import dev.grain.Attempt;
import dev.grain.JobStatus;
import dev.grain.bytes.Bytes;
import dev.grain.dispatch.JobClient;
import dev.grain.dispatch.JobEnd;
import dev.grain.dispatch.StoredJob;
import dev.grain.message.Message;
import dev.grain.schedule.Node;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A detached job on the head. Its number in messages is twice its own, in every life of the head.
 */
final class DetachedJob extends HeadJob {
  private final DetachedClient owner;

  // all only accessed by the loop
  private double priority;
  // how the store knew it; null once it was taken into the queue
  private @Nullable StoredJob stored;
  // what waits until the store has the attempt that is to be sent; null if nothing does
  @Nullable Unsent unsent;
  // what the store has not answered yet of ended attempts, the oldest first
  final List<Unkept> unkept = new ArrayList<>(0);
  // the attempt that has ended last, if the store has not learnt of it
  @Nullable Attempt recorded;
  // whether its end was handed to the store
  boolean ending;
  // the id of the life of the worker that may have it, while that is away; written by AwaitedNodes
  String awaitedFrom = "";

  /**
   * An order, and what follows it, that the store has not answered yet.
   *
   * @param node where it is to go
   */
  record Unsent(Node node, List<Message.ToNode> messages) {}

  /**
   * The end of an attempt that the store has not answered yet.
   *
   * @param toSettle the nodes that have the end, too
   */
  record Unkept(int attempt, List<NodeSession> toSettle) {}

  DetachedJob(DetachedClient owner, StoredJob stored) {
    super(owner, stored.template(), stored.input(), new Nobody(stored.number(), stored.line()));
    this.owner = owner;
    this.stored = stored;
    this.priority = stored.priority();
    setNumber(2 * stored.number());
    restore(stored.attempts(), stored.losses());
  }

  /** Returns how the store knew it, once. */
  StoredJob takeStored() {
    StoredJob taken = stored;
    if (taken == null) {
      throw new IllegalStateException(this + " was taken before");
    }
    stored = null;
    return taken;
  }

  /** Returns what the store has not answered of the end of an attempt; null if nothing. */
  @Nullable Unkept unkept(int attempt) {
    return unkept.reversed().stream()
        .filter(each -> each.attempt == attempt)
        .findFirst()
        .orElse(null);
  }

  /** Returns how often it was running when its worker died. */
  int lossCount() {
    return losses();
  }

  @Override
  protected double priority() {
    return priority;
  }

  @Override
  protected void setPriority(double other) {
    priority = other;
  }

  @Override
  protected boolean mayReturn() {
    return true;
  }

  @Override
  protected void entered(Phase phase) {
    owner.onEntered(this, phase);
  }

  @Override
  protected void recorded(Attempt ended) {
    owner.onRecorded(this, ended);
  }

  @Override
  void printed(String worker, Bytes text, boolean error) {
    owner.onPrinted(this, worker, text, error);
  }

  /** There is no program that would hear of it: the store does. */
  private record Nobody(long number, long line) implements JobClient {
    @Override
    public void onStatus(JobStatus status, int attempt, @Nullable String worker) {}

    @Override
    public void onAttempt(Attempt ended) {}

    @Override
    public void onFailedAttempt(int attempt, JobEnd end) {}

    @Override
    public void onOutput(String worker, Bytes text, boolean error) {}

    @Override
    public void onEnd(JobEnd end, boolean remains) {}
  }
}
