package dev.grain.node;

import dev.grain.Allocation;
import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Lease;
import org.jspecify.annotations.Nullable;

/**
 * Slots that were taken for a job, and pass from job to job until nobody is there to take them
 * over. Guarded by the {@link Admission}, but for what never changes.
 */
final class HeldSlots {
  final Lease lease;

  /** What their jobs may know of them. */
  final Allocation allocation;

  final Fractions fractions;

  /** Where jobs are offered that may take them over; null if none may. */
  final @Nullable HandOff handOff;

  /** The job that holds them. */
  NodeJob job;

  HeldSlots(Lease lease, Allocation allocation, @Nullable HandOff handOff, NodeJob job) {
    this.lease = lease;
    this.allocation = allocation;
    this.fractions = lease.fractions();
    this.handOff = handOff;
    this.job = job;
  }
}
