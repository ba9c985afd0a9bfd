package dev.grain.service.log;

/**
 * How much is kept.
 *
 * @param most how many bytes the log of a job may take, that of all its attempts together
 * @param segment how many bytes fill a segment
 * @param start how many segments at the start of an attempt stay
 * @param waiting how many bytes may wait in memory until they are written
 * @param waitingOfJob how many of these may be of one attempt
 * @param reserve how many bytes of the disk are left free, for the ends of jobs
 */
record LogLimits(
    long most, long segment, int start, long waiting, long waitingOfJob, long reserve) {
  private static final long MIB = 1 << 20;

  /** 64 MiB a job, of which the first half stays. */
  static LogLimits usual(long reserve) {
    return new LogLimits(64 * MIB, 4 * MIB, 8, 32 * MIB, 8 * MIB, reserve);
  }
}
