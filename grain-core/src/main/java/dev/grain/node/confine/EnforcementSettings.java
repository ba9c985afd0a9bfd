package dev.grain.node.confine;

import dev.grain.Enforce;

/**
 * What a node wants to keep the processes of jobs to.
 *
 * @param mode how strictly
 * @param pinsCores whether to their cores; not where other nodes of the machine count the same ones
 * @param maxProcesses how many processes and threads a job may have; 0 for any number
 */
public record EnforcementSettings(Enforce mode, boolean pinsCores, long maxProcesses) {
  /** What a job may have at most if limits are required and none is named. */
  public static final long REQUIRED_MAX_PROCESSES = 4096;

  /** Nothing is enforced. */
  public static final EnforcementSettings OFF = new EnforcementSettings(Enforce.OFF, false, 0);

  /** Returns what a node has that is alone on its machine, with the default limit of processes. */
  public static EnforcementSettings of(Enforce mode) {
    return new EnforcementSettings(
        mode, mode != Enforce.OFF, mode == Enforce.REQUIRE ? REQUIRED_MAX_PROCESSES : 0);
  }

  /** Returns these with another limit of processes. */
  public EnforcementSettings withMaxProcesses(long limit) {
    return new EnforcementSettings(mode, pinsCores, limit);
  }

  /** Returns these for a node that shares its cores with others, so that none is pinned. */
  public EnforcementSettings withoutCores() {
    return new EnforcementSettings(mode, false, maxProcesses);
  }
}
