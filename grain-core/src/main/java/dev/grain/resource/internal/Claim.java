package dev.grain.resource.internal;

import java.util.List;

/**
 * Slots that are taken for jobs that belong to others, until {@link #close()}. It belongs to the
 * owner of the slots.
 */
public final class Claim {
  /** Nothing. */
  public static final Claim NONE = new Claim(List.of(), true);

  private final List<Lease> leases;
  private final boolean complete;

  Claim(List<Lease> leases, boolean complete) {
    this.leases = List.copyOf(leases);
    this.complete = complete;
  }

  /** Returns whether it has all that they hold, and not only what was free of it. */
  public boolean isComplete() {
    return complete;
  }

  /** Returns whether it has taken anything. */
  public boolean isEmpty() {
    return leases.isEmpty();
  }

  /** Returns how many units of the kind it has. */
  public long amount(Kind kind) {
    return leases.stream().mapToLong(lease -> lease.demand().amount(kind)).sum();
  }

  /** Gives everything back; to be called once. */
  public void close() {
    leases.forEach(Lease::close);
  }
}
