package dev.grain.resource.internal;

/** A bug on purpose: slots are given back and the lease does not know. */
public final class DoubleFree {
  private DoubleFree() {}

  /** Frees what the lease holds; the lease will do so again when it is closed. */
  public static void release(Lease lease) {
    lease.slots.release(lease);
  }
}
