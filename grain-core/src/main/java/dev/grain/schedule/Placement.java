package dev.grain.schedule;

import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Demand.Part;
import dev.grain.resource.internal.Kind;
import dev.grain.resource.internal.Slots;

/** Chooses among the nodes that fit a job: the one with the lowest waste. */
@FunctionalInterface
public interface Placement {
  /**
   * Returns what it would waste to run the job there.
   *
   * @param demand what the job asks for
   * @param slots the slots of a node that fits it now
   */
  long waste(Demand demand, Slots slots);

  /**
   * Best fit: the node that has the least left, relative to what it has in all, in the kinds that
   * the job asks for.
   */
  static Placement bestFit() {
    return (demand, slots) -> {
      long waste = 0;
      for (Part part : demand.parts()) {
        waste += perMille(slots, part.kind(), part.amount());
      }
      return waste;
    };
  }

  private static long perMille(Slots slots, Kind kind, long amount) {
    long total = slots.total(kind);
    return total <= 0 ? 0 : (long) (1000.0 * (slots.free(kind) - amount) / total);
  }
}
