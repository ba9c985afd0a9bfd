package dev.grain.sim;

import dev.grain.wire.Link;
import dev.grain.wire.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * One direction of a session: batches arrive in the order of sending, each after a delay of its
 * own, so that those of different sessions overtake each other. A large value takes its own time.
 *
 * @param <M> what is sent
 */
final class SimulatedLink<M extends Message> implements Link<M> {
  private final World world;
  private final SimulatedLoop receiverLoop;
  private final Consumer<? super M> receiver;
  private final Runnable afterBatch;
  private final int doublings;
  private List<M> pending = new ArrayList<>();
  private long lastArrival;

  SimulatedLink(
      World world,
      SimulatedLoop receiverLoop,
      int doublings,
      Consumer<? super M> receiver,
      Runnable afterBatch) {
    this.world = world;
    this.receiverLoop = receiverLoop;
    this.doublings = doublings;
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
    int from = 0;
    for (int to = 1; to <= batch.size(); to++) {
      if (to == batch.size() || batch.get(to - 1) instanceof Message.Freed) {
        deliver(batch.subList(from, to));
        from = to;
      }
    }
  }

  private void deliver(List<M> batch) {
    lastArrival = Math.max(lastArrival, world.now() + world.scaled(1_000, doublings));
    receiverLoop.at(
        lastArrival,
        () -> {
          batch.forEach(receiver);
          afterBatch.run();
        });
  }
}
