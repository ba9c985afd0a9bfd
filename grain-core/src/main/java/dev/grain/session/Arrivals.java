package dev.grain.session;

import java.util.LinkedHashSet;
import java.util.SequencedSet;

/**
 * The room for large values that are arriving, in all sessions of a loop together. A value for
 * which there is none waits at its sender, until others are here; the one that has waited longest
 * is the next. A value that finds the room empty always gets it.
 *
 * <p>A value has its room until all of it is here, and needs nothing else to get there: so whatever
 * has room ends, and what waits gets its turn.
 *
 * <p>To be used on the loop.
 */
public final class Arrivals {
  private final long most;

  // all only accessed by the loop
  private final SequencedSet<Claim> waiting = new LinkedHashSet<>();
  private long used;

  /**
   * Makes an empty room.
   *
   * @param most how many bytes may be arriving, unless it is a single value
   */
  public Arrivals(long most) {
    this.most = most;
  }

  /** What one value needs, until it is given up. */
  static final class Claim {
    private final long length;
    private final Runnable whenGranted;
    // both only accessed by the loop
    private boolean granted;
    private boolean over;

    private Claim(long length, Runnable whenGranted) {
      this.length = length;
      this.whenGranted = whenGranted;
    }

    /** Returns whether it has its room. */
    boolean isGranted() {
      return granted;
    }
  }

  /**
   * Claims room, which is granted at once or later.
   *
   * @param whenGranted called once if it is granted later; must not change any claim
   */
  Claim claim(long length, Runnable whenGranted) {
    Claim claim = new Claim(length, whenGranted);
    if (waiting.isEmpty() && fits(claim)) {
      grant(claim);
    } else {
      waiting.add(claim);
    }
    return claim;
  }

  /** Gives a claim up, granted or not; does nothing if it was before. */
  void giveUp(Claim claim) {
    if (claim.over) {
      return;
    }
    claim.over = true;
    if (claim.granted) {
      used -= claim.length;
    } else {
      waiting.remove(claim);
    }
    while (!waiting.isEmpty() && fits(waiting.getFirst())) {
      Claim next = waiting.removeFirst();
      grant(next);
      next.whenGranted.run();
    }
  }

  private boolean fits(Claim claim) {
    return used == 0 || claim.length <= most - used;
  }

  private void grant(Claim claim) {
    claim.granted = true;
    used += claim.length;
  }
}
