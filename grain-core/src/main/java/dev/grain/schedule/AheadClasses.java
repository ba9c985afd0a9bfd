package dev.grain.schedule;

import dev.grain.resource.internal.Kind;
import dev.grain.resource.internal.Slots;
import org.jspecify.annotations.Nullable;

/**
 * What the jobs ask for that wait at a node without slots, as long as there are few different
 * requests: it shows without a look at each of them that none could start. It is for {@link
 * SentAhead}; see "Who gets slots next" in {@code docs/architecture.md}.
 */
final class AheadClasses {
  private static final int FEW = 16;

  /** How many classes are counted; they come first. */
  private int size;

  private final @Nullable RequestClass[] classes = new @Nullable RequestClass[FEW];
  private final int[] counts = new int[FEW];

  // what most requests differ in, so that most classes themselves need no look
  private final long[] cores = new long[FEW];
  private final long[] memories = new long[FEW];

  /** How many jobs are not among those that are counted by their class. */
  private int others;

  void add(RequestClass requestClass) {
    int place = place(requestClass);
    if (place >= 0) {
      counts[place]++;
    } else if (size == FEW) {
      others++;
    } else {
      classes[size] = requestClass;
      counts[size] = 1;
      cores[size] = requestClass.wanted[KindDimensions.CPU];
      memories[size] = requestClass.wanted[KindDimensions.MEMORY];
      size++;
    }
  }

  void remove(RequestClass requestClass) {
    int place = place(requestClass);
    if (place < 0) {
      others--;
    } else if (--counts[place] == 0) {
      size--;
      classes[place] = classes[size];
      counts[place] = counts[size];
      cores[place] = cores[size];
      memories[place] = memories[size];
      classes[size] = null;
    }
  }

  private int place(RequestClass requestClass) {
    for (int i = 0; i < size; i++) {
      RequestClass each = classes[i];
      if (each != null && each.asksAs(requestClass)) {
        return i;
      }
    }
    return -1;
  }

  /** Returns whether for sure none of the jobs could get slots now. */
  boolean noneFits(Slots slots) {
    if (others > 0) {
      return false;
    }
    long freeCores = slots.level(Kind.CPU);
    long freeMemory = slots.free(Kind.MEMORY);
    for (int i = 0; i < size; i++) {
      RequestClass each = classes[i];
      if (cores[i] <= freeCores
          && memories[i] <= freeMemory
          && each != null
          && slots.fits(each.demand(), each.alone())) {
        return false;
      }
    }
    return true;
  }
}
