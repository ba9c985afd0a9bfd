package dev.grain.service.store;

/** What a user may do; each may do what those before it may. */
public enum Role {
  /** See the own jobs, and what they leave. */
  READ,
  /** Submit jobs, and change the own ones. */
  SUBMIT,
  /** See and change everything. */
  ADMIN;

  /** Returns whether this one may do what another may. */
  public boolean includes(Role other) {
    return compareTo(other) >= 0;
  }
}
