package dev.grain.message;

import dev.grain.loop.Loop;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A link within one process: a flush hands over everything sent since the last one in one task of
 * the receiver's loop.
 *
 * @param <M> what is sent
 */
public final class MemoryLink<M extends Message> implements Link<M> {
  private final Loop receiverLoop;
  private final Consumer<? super M> receiver;
  private final Runnable afterBatch;
  // only accessed by the sender's loop
  private List<M> pending = new ArrayList<>();

  /**
   * Makes a link.
   *
   * @param receiverLoop the loop that receives
   * @param receiver called on that loop with each message
   * @param afterBatch called on that loop after each batch
   */
  public MemoryLink(Loop receiverLoop, Consumer<? super M> receiver, Runnable afterBatch) {
    this.receiverLoop = receiverLoop;
    this.receiver = receiver;
    this.afterBatch = afterBatch;
  }

  @Override
  public void send(M message) {
    pending.add(message);
  }

  @Override
  public void flush() {
    if (pending.isEmpty()) {
      return;
    }
    List<M> batch = pending;
    pending = new ArrayList<>();
    receiverLoop.post(() -> {
      batch.forEach(receiver);
      afterBatch.run();
    });
  }
}
