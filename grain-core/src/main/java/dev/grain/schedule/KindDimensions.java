package dev.grain.schedule;

import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Demand.Part;
import dev.grain.resource.internal.Kind;
import dev.grain.resource.internal.Offer;
import dev.grain.resource.internal.Slots;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives each kind of resource a dimension of the indexes. The first two are for what is no kind:
 * how far a node is free of other jobs, and how much longer it will be there.
 */
final class KindDimensions {
  /** 0: a job runs alone there; 1: jobs may be added; 2: nothing runs there. */
  static final int PRESENCE = 0;

  /** Nanoseconds: of a node, when it ends; of a job, how long it must have. */
  static final int TIME = 1;

  /**
   * The shift from which on, in KiB per core, the ratios of the dimensions that stand for cores and
   * memory together: 512 MiB to 8 GiB.
   *
   * <p>A node that has cores and no memory beside one that has memory and no cores look like one
   * that has both. The lesser of memory and of cores times a ratio is small for both of them.
   */
  private static final int FIRST_RATIO = 19;

  private static final int RATIOS = 5;
  private static final int FIRST_KIND = 2 + RATIOS;
  static final int CPU = FIRST_KIND;
  static final int MEMORY = FIRST_KIND + 1;

  private final List<Kind> kinds = new ArrayList<>();
  private final Map<Kind, Integer> dimensions = new HashMap<>();

  KindDimensions() {
    List.of(Kind.CPU, Kind.MEMORY).forEach(this::dimension);
  }

  int count() {
    return FIRST_KIND + kinds.size();
  }

  /** Makes sure that all kinds have a dimension, and returns whether there were new ones. */
  boolean learn(Demand demand) {
    int before = kinds.size();
    demand.needs().forEach(part -> dimension(part.kind()));
    return kinds.size() > before;
  }

  /** Makes sure that all kinds have a dimension, and returns whether there were new ones. */
  boolean learn(Offer offer) {
    int before = kinds.size();
    offer.kinds().forEach(this::dimension);
    return kinds.size() > before;
  }

  long[] wanted(RequestClass.Key key) {
    long[] vector = new long[count()];
    vector[PRESENCE] = key.alone() ? 2 : 1;
    vector[TIME] = key.time();
    for (Part part : key.demand().needs()) {
      vector[dimension(part.kind())] = part.amount();
    }
    combine(vector);
    return vector;
  }

  /** Writes what the node has now, or when it is idle. */
  void available(Node node, boolean idle, long[] vector) {
    Slots slots = node.slots;
    vector[PRESENCE] = idle || slots.idle() ? 2 : slots.heldAlone() ? 0 : 1;
    vector[TIME] = node.until;
    for (int index = 0; index < kinds.size(); index++) {
      Kind kind = kinds.get(index);
      vector[FIRST_KIND + index] = idle ? slots.total(kind) : slots.level(kind);
    }
    combine(vector);
  }

  /** Sets the dimensions that follow from cores and memory. */
  static void combine(long[] vector) {
    for (int ratio = 0; ratio < RATIOS; ratio++) {
      long covered = (vector[CPU] << (FIRST_RATIO + ratio)) / Kind.WHOLE;
      vector[2 + ratio] = Math.min(covered, vector[MEMORY] >> 10);
    }
  }

  int dimension(Kind kind) {
    Integer known = dimensions.get(kind);
    if (known != null) {
      return known;
    }
    kinds.add(kind);
    int added = FIRST_KIND + kinds.size() - 1;
    dimensions.put(kind, added);
    return added;
  }
}
