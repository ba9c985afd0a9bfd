package dev.grain.schedule;

import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Demand.Part;
import dev.grain.resource.internal.Kind;
import dev.grain.resource.internal.Offer;
import dev.grain.resource.internal.Slots;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Gives each kind of resource a dimension of the indexes. The first two are for what is no kind:
 * how far a node is free of other jobs, and how much longer it will be there. What a node could not
 * prepare has a dimension, too, so that a search finds the other nodes alone.
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

  /** Null for a dimension that is for something to prepare. */
  private final List<@Nullable Kind> kinds = new ArrayList<>();

  private final Map<Kind, Integer> dimensions = new HashMap<>();

  /**
   * What some node could not prepare. Such a node has 0 in that dimension, the others have 1, and
   * the jobs that need it want 1.
   */
  private final Map<Object, Integer> preparations = new HashMap<>();

  /** Those of the dimensions that are for something to prepare, and free. */
  private final Deque<Integer> unused = new ArrayDeque<>();

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

  /** Makes sure that what a node could not prepare has a dimension; returns whether it is new. */
  boolean learn(Object preparation) {
    if (preparations.containsKey(preparation)) {
      return false;
    }
    Integer dimension = unused.poll();
    if (dimension == null) {
      kinds.add(null);
      dimension = FIRST_KIND + kinds.size() - 1;
    }
    preparations.put(preparation, dimension);
    return true;
  }

  /** Whether some node is known that could not prepare it. */
  boolean knows(Object preparation) {
    return preparations.containsKey(preparation);
  }

  /** No node is known any more that could not prepare it. */
  void forget(Object preparation) {
    Integer dimension = preparations.remove(preparation);
    if (dimension != null) {
      unused.add(dimension);
    }
  }

  long[] wanted(RequestClass.Key key) {
    long[] vector = new long[count()];
    Object preparation = key.preparation();
    Integer prepared = preparation == null ? null : preparations.get(preparation);
    if (prepared != null) {
      vector[prepared] = 1;
    }
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
      vector[FIRST_KIND + index] = kind == null ? 1 : idle ? slots.total(kind) : slots.level(kind);
    }
    for (Object preparation : node.unprepared.keySet()) {
      Integer dimension = preparations.get(preparation);
      if (dimension != null) {
        vector[dimension] = 0;
      }
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
