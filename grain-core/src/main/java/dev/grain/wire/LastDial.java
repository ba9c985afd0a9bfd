package dev.grain.wire;

/**
 * The number of the last dial of a peer, which identifies late dials: those that a later one has
 * overtaken.
 *
 * <p>To be used on the loop.
 */
public final class LastDial {
  // 0 if the peer has not dialed; only accessed by the loop
  private long number;

  /** Makes one of a peer that has dialed with the number; 0 if it has not dialed. */
  public LastDial(long number) {
    this.number = number;
  }

  /**
   * Takes note of a dial, and returns whether it is a late one: another one, which came after it,
   * was here before.
   */
  public boolean isLate(long dial) {
    boolean late = dial <= number;
    number = Math.max(number, dial);
    return late;
  }
}
