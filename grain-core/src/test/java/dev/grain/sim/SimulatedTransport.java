package dev.grain.sim;

import dev.grain.wire.Frame;
import dev.grain.wire.Session;
import dev.grain.wire.Transport;
import dev.grain.wire.WireException;
import java.util.ArrayList;
import java.util.List;

/**
 * One direction of a connection: what is flushed together arrives together and in order, each batch
 * after a delay of its own, so that those of different connections overtake each other. It takes
 * only so many frames until some arrive.
 */
final class SimulatedTransport implements Transport {
  private final World world;
  private final End sender;
  private final End receiver;
  private final int doublings;
  private final int room;
  private List<Frame> pending = new ArrayList<>();
  private int flying;
  private long lastArrival;
  private boolean broken;

  /** One side of a connection. */
  record End(SimulatedLoop loop, Session<?, ?> session) {}

  /**
   * Makes a direction.
   *
   * @param doublings how different the delays are
   * @param room how many frames may be on their way before it is not writable
   */
  SimulatedTransport(World world, End sender, End receiver, int doublings, int room) {
    this.world = world;
    this.sender = sender;
    this.receiver = receiver;
    this.doublings = doublings;
    this.room = room;
  }

  @Override
  public void write(Frame frame) {
    pending.add(frame);
  }

  @Override
  public void flush() {
    if (pending.isEmpty()) {
      return;
    }
    List<Frame> batch = pending;
    pending = new ArrayList<>();
    flying += batch.size();
    lastArrival = Math.max(lastArrival, world.now() + world.scaled(1_000, doublings));
    receiver.loop().at(lastArrival, () -> arrive(batch));
  }

  @Override
  public boolean isWritable() {
    return pending.size() + flying < room;
  }

  /** Breaks; what is on its way is lost. */
  @Override
  public void close() {
    broken = true;
  }

  private void arrive(List<Frame> batch) {
    if (broken) {
      return;
    }
    try {
      for (Frame frame : batch) {
        receiver.session().receive(frame);
      }
    } catch (WireException wrong) {
      throw new IllegalStateException(wrong);
    }
    receiver.session().batchEnded();
    boolean wasWritable = isWritable();
    flying -= batch.size();
    if (!wasWritable) {
      sender.loop().post(sender.session()::onWritable);
    }
  }
}
