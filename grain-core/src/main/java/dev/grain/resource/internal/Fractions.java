package dev.grain.resource.internal;

/**
 * Which core and which GPU a lease shares with others, as positions in the lists of the offer.
 *
 * <p>A node reports them, so that the head's copy of its slots has the same room left in each.
 *
 * @param core the position of the shared core, or {@link #UNNAMED}
 * @param gpu the position of the shared GPU, or {@link #UNNAMED}
 */
public record Fractions(int core, int gpu) {
  /** No fraction is held, or any position will do. */
  public static final int UNNAMED = -1;

  /** Names neither. */
  public static final Fractions NONE = new Fractions(UNNAMED, UNNAMED);

  /** Refuses numbers that are no positions. */
  public Fractions {
    if (core < UNNAMED || gpu < UNNAMED) {
      throw new IllegalArgumentException("core " + core + ", gpu " + gpu + ": not a position");
    }
  }
}
