package dev.grain.wire;

import dev.grain.loop.Loop;
import dev.grain.wire.Dialer.Dial;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Dials a peer again and again, after delays that grow until it answers.
 *
 * <p>To be used on the loop.
 */
public final class Redial {
  private static final long FIRST_DELAY = 100_000_000;
  private static final long LONGEST_DELAY = 5_000_000_000L;

  private final Loop loop;
  private final Supplier<Dial> dialing;

  // all only accessed by the loop
  private @Nullable Dial dial;
  private Loop.@Nullable Timer timer;
  private long delay = FIRST_DELAY;
  private boolean givenUp;

  /**
   * Makes one that has not dialed yet.
   *
   * @param dialing dials once
   */
  public Redial(Loop loop, Supplier<Dial> dialing) {
    this.loop = loop;
    this.dialing = dialing;
  }

  /** Dials at once. Does nothing once it was given up, as all that follows. */
  public void dial() {
    if (!givenUp) {
      dial = dialing.get();
    }
  }

  /** Dials after the delay, and doubles that. */
  public void dialLater() {
    if (!givenUp) {
      timer = loop.schedule(delay, this::dial);
      delay = Math.min(2 * delay, LONGEST_DELAY);
    }
  }

  /** The peer has answered: the next delay is the first one again. */
  public void onAnswered() {
    delay = FIRST_DELAY;
  }

  /** Dials no more; a connection that is up stays. */
  public void giveUp() {
    givenUp = true;
    if (timer != null) {
      timer.cancel();
    }
    if (dial != null) {
      dial.cancel();
    }
  }
}
