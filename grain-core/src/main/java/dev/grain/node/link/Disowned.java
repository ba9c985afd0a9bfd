package dev.grain.node.link;

import dev.grain.bytes.Bytes;
import dev.grain.message.AttemptEnd;
import dev.grain.node.JobSource;
import dev.grain.node.NodeJob;
import dev.grain.resource.internal.Fractions;

/**
 * The source of attempts that their head does not want any more, until they have stopped: nobody is
 * notified of them, and what they still hold counts as held by others.
 *
 * <p>To be used on the node's loop.
 */
final class Disowned implements JobSource {
  @Override
  public boolean isCongested() {
    return false;
  }

  @Override
  public void onStarted(NodeJob job, Fractions fractions) {}

  @Override
  public void onEnded(NodeJob job, AttemptEnd end, long ran) {
    ((LinkJob) job).run().onGone();
  }

  @Override
  public void onReturned(NodeJob job) {
    ((LinkJob) job).run().onGone();
  }

  @Override
  public void onDraining() {}

  @Override
  public void onNotStopping(NodeJob job, boolean timedOut) {}

  @Override
  public void onOutput(NodeJob job, Bytes text, boolean error) {}

  @Override
  public void onOutputLeftOut(NodeJob job, long bytes, boolean error) {}

  @Override
  public void flush() {}
}
