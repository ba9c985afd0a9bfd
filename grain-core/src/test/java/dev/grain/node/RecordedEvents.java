package dev.grain.node;

import dev.grain.bytes.Bytes;
import dev.grain.message.AttemptEnd;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Keeps what a runner reports of attempts. */
public final class RecordedEvents implements JobRunner.Events {
  /** How they ended, or why they did not run. */
  public final BlockingQueue<AttemptEnd> ends = new LinkedBlockingQueue<>();

  /** What they printed. */
  public final BlockingQueue<Bytes> texts = new LinkedBlockingQueue<>();

  @Override
  public void ended(AttemptEnd end) {
    ends.add(end);
  }

  @Override
  public void notRun(AttemptEnd failure) {
    ends.add(failure);
  }

  @Override
  public void printed(Bytes text, boolean error) {
    texts.add(text);
  }
}
