package dev.grain.schedule;

import dev.grain.resource.internal.Slots;
import org.jspecify.annotations.Nullable;

/**
 * What the jobs ask for that wait at a node without slots, as long as there are few different
 * requests: it tells without a look at each of them that none could start.
 */
final class AheadClasses {
  private static final int FEW = 8;

  private final @Nullable RequestClass[] classes = new @Nullable RequestClass[FEW];
  private final int[] counts = new int[FEW];

  /** How many jobs are not among those that are counted by their class. */
  private int others;

  void add(RequestClass requestClass) {
    int free = -1;
    for (int i = 0; i < FEW; i++) {
      if (classes[i] == requestClass) {
        counts[i]++;
        return;
      }
      if (counts[i] == 0 && free < 0) {
        free = i;
      }
    }
    if (free < 0) {
      others++;
    } else {
      classes[free] = requestClass;
      counts[free] = 1;
    }
  }

  void remove(RequestClass requestClass) {
    for (int i = 0; i < FEW; i++) {
      if (classes[i] == requestClass && counts[i] > 0) {
        counts[i]--;
        return;
      }
    }
    others--;
  }

  /** Returns whether for sure none of the jobs could get slots now. */
  boolean noneFits(Slots slots) {
    if (others > 0) {
      return false;
    }
    for (int i = 0; i < FEW; i++) {
      RequestClass each = classes[i];
      if (counts[i] > 0 && each != null && slots.fits(each.demand(), each.alone())) {
        return false;
      }
    }
    return true;
  }
}
