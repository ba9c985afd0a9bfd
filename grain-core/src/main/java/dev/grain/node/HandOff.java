package dev.grain.node;

import dev.grain.Allocation;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Lease;
import org.jspecify.annotations.Nullable;

/**
 * Jobs that are on offer to those that run and ask for the same: when one of these ends, the one
 * that waits longest here gets the same slots. Guarded by the {@link Admission}.
 */
final class HandOff {
  private final Demand demand;

  /** Those on offer. */
  final JobLine line = new JobLine();

  /** How many jobs hold slots that can be handed over here. */
  int holders;

  // what was taken last for the demand, and what was reported to its job
  private @Nullable Lease lease;
  private @Nullable Allocation allocation;

  HandOff(Demand demand) {
    this.demand = demand;
  }

  Demand demand() {
    return demand;
  }

  /**
   * Returns what the job may know of its slots; the same object as before if they are the same.
   *
   * @param node the name of the worker
   */
  Allocation allocation(Lease taken, String node) {
    Allocation known = allocation;
    if (known == null || lease == null || !taken.holdsTheSame(lease)) {
      known = taken.toAllocation(node);
      allocation = known;
    }
    lease = taken;
    return known;
  }
}
