package dev.grain.schedule;

import java.util.Arrays;

/**
 * Finds, among many vectors, the one of the lowest rank that is at least as large as a wanted
 * vector in every dimension, without looking at each of them.
 *
 * <p>Implementation note: a tournament tree. An inner node has the largest value of its leaves in
 * each dimension and their lowest rank; the search goes down first where the rank is lower, and
 * leaves out each subtree that cannot fit or whose rank is not below the best one found. A vector
 * that is too small in different dimensions in different leaves can send the search down in vain;
 * with few dimensions in short supply this is rare, and a search takes a number of steps that grows
 * with the logarithm of the number of vectors.
 */
final class FitIndex {
  private static final long ABSENT = Long.MIN_VALUE;
  private static final long NO_RANK = Long.MAX_VALUE;

  private int dimensions;
  private int capacity = 1;
  private long[] largest;
  private long[] lowestRank = {NO_RANK, NO_RANK};
  private long steps;

  // the state of the search under way
  private long[] wanted = {};
  private long after;
  private long bestRank;
  private int best;

  FitIndex(int dimensions) {
    this.dimensions = dimensions;
    this.largest = new long[2 * dimensions];
    Arrays.fill(largest, ABSENT);
  }

  /** Returns how many tree nodes all searches and changes have visited. */
  long steps() {
    return steps;
  }

  /** Sets the vector and the rank of a leaf; ranks are unique and below {@code Long.MAX_VALUE}. */
  void set(int leaf, long[] vector, long rank) {
    ensureLeaf(leaf);
    int position = capacity + leaf;
    int offset = position * dimensions;
    boolean sameVector = Arrays.equals(largest, offset, offset + dimensions, vector, 0, dimensions);
    boolean sameRank = lowestRank[position] == rank;
    lowestRank[position] = rank;
    if (!sameVector) {
      System.arraycopy(vector, 0, largest, offset, dimensions);
      climb(position);
    } else if (!sameRank) {
      climbRanks(position);
    }
  }

  /** Changes the rank of a leaf that is there. */
  void rerank(int leaf, long rank) {
    int position = capacity + leaf;
    if (lowestRank[position] != rank) {
      lowestRank[position] = rank;
      climbRanks(position);
    }
  }

  /** Removes the leaf if it is there. */
  void clear(int leaf) {
    if (leaf >= capacity || lowestRank[capacity + leaf] == NO_RANK) {
      return;
    }
    int position = capacity + leaf;
    Arrays.fill(largest, position * dimensions, (position + 1) * dimensions, ABSENT);
    lowestRank[position] = NO_RANK;
    climb(position);
  }

  /** Returns the lowest rank of all leaves, or {@code Long.MAX_VALUE} if there are none. */
  long lowestRank() {
    return lowestRank[1];
  }

  /** Returns the leaf of the lowest rank, or -1 if there are none. */
  int first() {
    if (lowestRank[1] == NO_RANK) {
      return -1;
    }
    int position = 1;
    while (position < capacity) {
      steps++;
      int left = 2 * position;
      position = lowestRank[left] == lowestRank[position] ? left : left + 1;
    }
    return position - capacity;
  }

  /**
   * Returns the leaf of the lowest rank above the given one that fits, or -1 if none does.
   *
   * @param wanted what its vector must have at least, in each dimension
   * @param after its rank must be higher than this
   */
  int firstFit(long[] wanted, long after) {
    this.wanted = wanted;
    this.after = after;
    bestRank = NO_RANK;
    best = -1;
    search(1);
    return best;
  }

  /**
   * Finds leaves that fit, in the order of the leaves and whatever their ranks, in one search.
   *
   * @param wanted what their vectors must have at least, in each dimension
   * @param found receives the leaves, as many as there is room for
   * @return how many there are
   */
  int firstFits(long[] wanted, int[] found) {
    this.wanted = wanted;
    return collect(1, found, 0);
  }

  /** Returns whether there is a vector at the leaf. */
  boolean contains(int leaf) {
    return leaf < capacity && lowestRank[capacity + leaf] != NO_RANK;
  }

  /** Returns the rank of a leaf that is there. */
  long rank(int leaf) {
    return lowestRank[capacity + leaf];
  }

  /** Returns whether the leaf has this vector and this rank. */
  boolean holds(int leaf, long[] vector, long rank) {
    int offset = (capacity + leaf) * dimensions;
    return contains(leaf)
        && lowestRank[capacity + leaf] == rank
        && Arrays.equals(largest, offset, offset + dimensions, vector, 0, vector.length);
  }

  /**
   * Checks that each inner node sums up the two below it.
   *
   * @throws IllegalStateException if one does not
   */
  void checkInvariants() {
    for (int position = capacity - 1; position >= 1; position--) {
      if (combine(position)) {
        throw new IllegalStateException("Position " + position + " of the index was wrong");
      }
    }
  }

  /** Changes the number of dimensions; what is there gets 0 in new ones. */
  void widen(int newDimensions) {
    long[] wider = new long[2 * capacity * newDimensions];
    for (int position = 1; position < 2 * capacity; position++) {
      long filler = lowestRank[position] == NO_RANK ? ABSENT : 0;
      Arrays.fill(wider, position * newDimensions, (position + 1) * newDimensions, filler);
      System.arraycopy(largest, position * dimensions, wider, position * newDimensions, dimensions);
    }
    largest = wider;
    dimensions = newDimensions;
  }

  private void search(int position) {
    steps++;
    if (lowestRank[position] >= bestRank || !fits(position)) {
      return;
    }
    if (position >= capacity) {
      if (lowestRank[position] > after) {
        bestRank = lowestRank[position];
        best = position - capacity;
      }
      return;
    }
    int left = 2 * position;
    boolean leftFirst = lowestRank[left] <= lowestRank[left + 1];
    search(leftFirst ? left : left + 1);
    search(leftFirst ? left + 1 : left);
  }

  private int collect(int position, int[] found, int before) {
    steps++;
    if (!fits(position)) {
      return before;
    }
    if (position >= capacity) {
      found[before] = position - capacity;
      return before + 1;
    }
    int count = collect(2 * position, found, before);
    return count == found.length ? count : collect(2 * position + 1, found, count);
  }

  private boolean fits(int position) {
    int offset = position * dimensions;
    for (int dimension = 0; dimension < dimensions; dimension++) {
      if (largest[offset + dimension] < wanted[dimension]) {
        return false;
      }
    }
    return true;
  }

  /** Makes the inner nodes above the position right again, as far as they change. */
  private void climb(int changed) {
    int position = changed / 2;
    boolean differs = true;
    while (position >= 1 && differs) {
      steps++;
      differs = combine(position);
      position /= 2;
    }
  }

  /** The same where only the rank has changed. */
  private void climbRanks(int changed) {
    for (int position = changed / 2; position >= 1; position /= 2) {
      steps++;
      long rank = Math.min(lowestRank[2 * position], lowestRank[2 * position + 1]);
      if (lowestRank[position] == rank) {
        return;
      }
      lowestRank[position] = rank;
    }
  }

  private boolean combine(int position) {
    int left = 2 * position;
    boolean differs = false;
    for (int dimension = 0; dimension < dimensions; dimension++) {
      long value =
          Math.max(
              largest[left * dimensions + dimension], largest[(left + 1) * dimensions + dimension]);
      if (largest[position * dimensions + dimension] != value) {
        largest[position * dimensions + dimension] = value;
        differs = true;
      }
    }
    long rank = Math.min(lowestRank[left], lowestRank[left + 1]);
    if (lowestRank[position] != rank) {
      lowestRank[position] = rank;
      differs = true;
    }
    return differs;
  }

  private void ensureLeaf(int leaf) {
    if (leaf < capacity) {
      return;
    }
    int oldCapacity = capacity;
    long[] oldLargest = largest;
    long[] oldRanks = lowestRank;
    while (leaf >= capacity) {
      capacity *= 2;
    }
    largest = new long[2 * capacity * dimensions];
    Arrays.fill(largest, ABSENT);
    lowestRank = new long[2 * capacity];
    Arrays.fill(lowestRank, NO_RANK);
    System.arraycopy(
        oldLargest,
        oldCapacity * dimensions,
        largest,
        capacity * dimensions,
        oldCapacity * dimensions);
    System.arraycopy(oldRanks, oldCapacity, lowestRank, capacity, oldCapacity);
    for (int position = capacity - 1; position >= 1; position--) {
      combine(position);
    }
  }
}
