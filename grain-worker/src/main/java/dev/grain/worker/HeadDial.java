package dev.grain.worker;

import dev.grain.wire.Address;
import dev.grain.wire.Dial;
import dev.grain.wire.Down;
import dev.grain.wire.Loop;
import org.jspecify.annotations.Nullable;

/**
 * A head that this worker dials, again and again: a run that ends is followed by the next one.
 *
 * <p>To be used on the worker's loop.
 */
final class HeadDial {
  private static final System.Logger LOG = System.getLogger(HeadDial.class.getName());
  private static final long FIRST_RETRY = 100_000_000;
  private static final long LONGEST_RETRY = 5_000_000_000L;

  private final Worker worker;
  private final Address head;
  private @Nullable Dial dial;
  private Loop.@Nullable Timer retry;
  private long delay = FIRST_RETRY;
  private String lastReason = "";
  private boolean givenUp;

  HeadDial(Worker worker, Address head) {
    this.worker = worker;
    this.head = head;
  }

  void start() {
    HeadSession session = new HeadSession(worker, head.toString(), this::onUp, this::again);
    dial = worker.endpoint().dial(head, worker.hello(), session);
  }

  private void onUp() {
    delay = FIRST_RETRY;
    lastReason = "";
  }

  /** Dials again after a while that grows; says why only when that changes. */
  private void again(Down why) {
    if (givenUp) {
      return;
    }
    if (!why.sentence().equals(lastReason)) {
      lastReason = why.sentence();
      LOG.log(System.Logger.Level.INFO, "{0} Dialing it again until it answers.", why.sentence());
    }
    retry = worker.endpoint().loop().schedule(delay, this::start);
    delay = Math.min(2 * delay, LONGEST_RETRY);
  }

  void giveUp() {
    givenUp = true;
    if (retry != null) {
      retry.cancel();
    }
    if (dial != null) {
      dial.cancel();
    }
  }
}
