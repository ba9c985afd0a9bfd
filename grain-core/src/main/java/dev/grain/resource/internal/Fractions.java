package dev.grain.resource.internal;

import dev.grain.bytes.Bytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a lease is, as positions in the lists of the offer: which core and which GPU it shares with
 * others, and which units with ids it has. Of whole cores it does not matter which they are.
 *
 * <p>A node reports them, so that the head's copy of its slots has the same room left in each.
 *
 * @param core the position of the shared core, or {@link #UNNAMED}
 * @param gpu the position of the shared GPU, or {@link #UNNAMED}
 * @param units the whole GPUs and the units of custom kinds with ids, in the order of kinds; a kind
 *     that is missing has any units
 */
public record Fractions(int core, int gpu, List<Units> units) {
  /** No fraction is held, or any position will do. */
  public static final int UNNAMED = -1;

  /** Names neither. */
  public static final Fractions NONE = new Fractions(UNNAMED, UNNAMED);

  /** Names no units. */
  public Fractions(int core, int gpu) {
    this(core, gpu, List.of());
  }

  /** Refuses numbers that are no positions. */
  public Fractions {
    units = List.copyOf(units);
    if (core < UNNAMED || gpu < UNNAMED) {
      throw new IllegalArgumentException("core " + core + ", gpu " + gpu + ": not a position");
    }
  }

  /** Returns the positions of the units of a kind, or null if none are named. */
  int @Nullable [] of(Kind kind) {
    for (Units each : units) {
      if (each.kind().equals(kind)) {
        return each.toArray();
      }
    }
    return null;
  }

  /** Returns the units as bytes, none if there are none. */
  public Bytes encodeUnits() {
    if (units.isEmpty()) {
      return Bytes.empty();
    }
    Encoder encoder = new Encoder();
    Units.encode(units, encoder);
    return encoder.toBytes();
  }

  /**
   * Returns these fractions with the units that {@link #encodeUnits()} made these bytes of.
   *
   * @throws IllegalArgumentException if they are malformed
   */
  public static Fractions decode(int core, int gpu, Bytes units) {
    if (units.length() == 0) {
      return core == UNNAMED && gpu == UNNAMED ? NONE : new Fractions(core, gpu);
    }
    Decoder decoder = new Decoder("list of units", units);
    List<Units> named = Units.decode(decoder);
    decoder.ensureEnd();
    decoder.ensure(!named.isEmpty(), "no units");
    return new Fractions(core, gpu, named);
  }
}
