package dev.grain.resource.internal;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The cores, the GPUs, or the units with ids of a custom kind, of one node, by their positions in
 * the offer.
 *
 * <p>A position is free, held whole by one lease, or shared by leases that hold fractions of it.
 * Each state has its bit, so that looking for one visits 64 positions at a time.
 *
 * <p>A whole position that nobody asked for in particular may be exchanged for another one, in a
 * copy that does not know which one the node has given away. Others are <em>fixed</em>.
 */
final class IndexedSlots {
  /** What a lease holds that has no whole position. */
  static final int[] NO_POSITIONS = new int[0];

  /** A position is not held whole, or any other would do. */
  private static final byte LOOSE = 0;

  /** This position was asked for. */
  static final byte WANTED = 1;

  /** The node has reported this position. */
  static final byte KNOWN = 2;

  // everything below is only accessed by the owner of the slots
  private final int count;
  private final long[] free;
  private final long[] shared;
  // units left in each position; 0 where held whole
  private final int[] remaining;
  // for each position that is held whole, the positions of the lease that holds it
  private final int[] @Nullable [] holders;
  // why it must be this position
  private final byte[] fixed;
  private int freeCount;
  private long freeUnits;

  IndexedSlots(int count) {
    this.count = count;
    this.free = new long[(count + 63) >>> 6];
    this.shared = new long[free.length];
    this.remaining = new int[count];
    this.holders = new int[count][];
    this.fixed = new byte[count];
    this.freeCount = count;
    this.freeUnits = totalUnits();
    Arrays.fill(remaining, Kind.WHOLE);
    for (int position = 0; position < count; position++) {
      set(free, position);
    }
  }

  long totalUnits() {
    return (long) count * Kind.WHOLE;
  }

  long freeUnits() {
    return freeUnits;
  }

  /** Returns the most units for which {@link #fits(long)} holds now. */
  long level() {
    int best = 0;
    for (int word = 0; word < shared.length; word++) {
      for (long bits = shared[word]; bits != 0; bits &= bits - 1) {
        best = Math.max(best, remaining[(word << 6) + Long.numberOfTrailingZeros(bits)]);
      }
    }
    return (long) freeCount * Kind.WHOLE + best;
  }

  boolean couldFit(long units) {
    return (units + Kind.WHOLE - 1) / Kind.WHOLE <= count;
  }

  boolean fits(long units) {
    int wholes = (int) (units / Kind.WHOLE);
    int fraction = (int) (units % Kind.WHOLE);
    return wholes < freeCount
        || (wholes == freeCount && (fraction == 0 || bestShared(fraction) >= 0));
  }

  /** Tells whether it fits with the fraction taken from that position. */
  boolean fits(long units, int named) {
    int wholes = (int) (units / Kind.WHOLE);
    int fraction = (int) (units % Kind.WHOLE);
    if (fraction == 0 || named >= count || fixed[named] != LOOSE) {
      return false;
    }
    boolean opened = isSet(free, named) || holders[named] != null;
    return opened ? wholes < freeCount : wholes <= freeCount && remaining[named] >= fraction;
  }

  /** Takes that many whole positions, the lowest first; as many must be free. */
  int[] takeWholes(int wholes) {
    if (wholes == 0) {
      return NO_POSITIONS;
    }
    int[] taken = new int[wholes];
    int filled = 0;
    for (int word = 0; filled < wholes; word++) {
      for (long bits = free[word]; bits != 0 && filled < wholes; bits &= bits - 1) {
        taken[filled++] = (word << 6) + Long.numberOfTrailingZeros(bits);
      }
    }
    for (int position : taken) {
      hold(position, taken);
    }
    return taken;
  }

  /** Tells whether all of these positions are there and free. */
  boolean areFree(int[] positions) {
    for (int position : positions) {
      if (position < 0 || position >= count || !isSet(free, position)) {
        return false;
      }
    }
    return true;
  }

  /** Tells whether {@link #takeAt} would take these positions. */
  boolean fitsAt(int[] positions) {
    if (positions.length > freeCount) {
      return false;
    }
    for (int position : positions) {
      if (!isFreeOrLoose(position)) {
        return false;
      }
    }
    return true;
  }

  /** Tells whether nobody has the position, or somebody who may get another one. */
  boolean isFreeOrLoose(int position) {
    return position >= 0
        && position < count
        && (isSet(free, position) || (holders[position] != null && fixed[position] == LOOSE));
  }

  /** Returns whether the node has reported who holds the position. */
  boolean isKnown(int position) {
    return position >= 0 && position < count && fixed[position] == KNOWN;
  }

  /**
   * Takes these whole positions, which must fit. Whoever holds one of them gets another one in its
   * place.
   *
   * @param fixedAs {@link #WANTED} or {@link #KNOWN}
   */
  int[] takeAt(int[] positions, byte fixedAs) {
    int[] taken = positions.clone();
    for (int position : taken) {
      if (isSet(free, position)) {
        hold(position, taken);
      }
    }
    for (int position : taken) {
      int[] holder = holders[position];
      if (holder != null && holder != taken) {
        move(holder, position, lowestFree());
        hold(position, taken);
      }
    }
    fix(taken, fixedAs);
    return taken;
  }

  /** Makes sure that whole positions are not exchanged for others. */
  void fix(int[] positions, byte fixedAs) {
    for (int position : positions) {
      fixed[position] = fixedAs;
    }
  }

  private void hold(int position, int[] holder) {
    clear(free, position);
    freeCount--;
    freeUnits -= Kind.WHOLE;
    remaining[position] = 0;
    holders[position] = holder;
  }

  /**
   * Takes a fraction from the shared position with the least left that still has it, or else from
   * the lowest free one; it must fit.
   */
  int takeFraction(int fraction) {
    int position = bestShared(fraction);
    return share(position >= 0 ? position : lowestFree(), fraction);
  }

  /**
   * Takes a fraction from that position; it must fit. If the position is held whole, its holder
   * gets the lowest free one in its place.
   */
  int takeFractionAt(int position, int fraction) {
    int[] holder = holders[position];
    if (holder != null) {
      move(holder, position, lowestFree());
    }
    return share(position, fraction);
  }

  private void move(int[] holder, int from, int to) {
    hold(to, holder);
    for (int i = 0; i < holder.length; i++) {
      if (holder[i] == from) {
        holder[i] = to;
      }
    }
    release(from);
  }

  private int share(int position, int fraction) {
    if (isSet(free, position)) {
      clear(free, position);
      freeCount--;
    }
    setRemaining(position, remaining[position] - fraction);
    freeUnits -= fraction;
    return position;
  }

  private void setRemaining(int position, int units) {
    remaining[position] = units;
    if (units > 0 && units < Kind.WHOLE) {
      set(shared, position);
    } else {
      clear(shared, position);
    }
  }

  void releaseWholes(int[] positions) {
    for (int position : positions) {
      release(position);
    }
  }

  private void release(int position) {
    holders[position] = null;
    fixed[position] = LOOSE;
    remaining[position] = Kind.WHOLE;
    set(free, position);
    freeCount++;
    freeUnits += Kind.WHOLE;
  }

  void releaseFraction(int position, int fraction) {
    setRemaining(position, remaining[position] + fraction);
    freeUnits += fraction;
    if (remaining[position] == Kind.WHOLE) {
      set(free, position);
      freeCount++;
    }
  }

  /** Returns the shared position with the least left that still has the fraction, or -1. */
  private int bestShared(int fraction) {
    int best = -1;
    int least = Kind.WHOLE;
    for (int word = 0; word < shared.length; word++) {
      for (long bits = shared[word]; bits != 0; bits &= bits - 1) {
        int position = (word << 6) + Long.numberOfTrailingZeros(bits);
        int left = remaining[position];
        if (left >= fraction && left < least) {
          best = position;
          least = left;
        }
      }
    }
    return best;
  }

  private int lowestFree() {
    int word = 0;
    while (free[word] == 0) {
      word++;
    }
    return (word << 6) + Long.numberOfTrailingZeros(free[word]);
  }

  void checkInvariants(String name) {
    int free = 0;
    long units = 0;
    for (int position = 0; position < count; position++) {
      int left = remaining[position];
      int[] holder = holders[position];
      int wanted = position;
      Slots.check(left >= 0 && left <= Kind.WHOLE, name, position, "has an impossible rest");
      Slots.check(
          isSet(this.free, position) == (left == Kind.WHOLE),
          name,
          position,
          "has a wrong free bit");
      Slots.check(
          isSet(shared, position) == (left > 0 && left < Kind.WHOLE),
          name,
          position,
          "has a wrong shared bit");
      Slots.check(
          holder == null
              || (left == 0 && Arrays.stream(holder).filter(held -> held == wanted).count() == 1),
          name,
          position,
          "is held but not by its holder");
      Slots.check(fixed[position] == LOOSE || holder != null, name, position, "is fixed, not held");
      free += left == Kind.WHOLE ? 1 : 0;
      units += left;
    }
    Slots.check(free == freeCount, name, free, "positions are free, but others were counted");
    Slots.check(units == freeUnits, name, units, "units are free, but others were counted");
  }

  private static boolean isSet(long[] bits, int position) {
    return (bits[position >>> 6] & 1L << position) != 0;
  }

  private static void set(long[] bits, int position) {
    bits[position >>> 6] |= 1L << position;
  }

  private static void clear(long[] bits, int position) {
    bits[position >>> 6] &= ~(1L << position);
  }
}
