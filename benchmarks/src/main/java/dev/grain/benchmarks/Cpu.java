package dev.grain.benchmarks;

/** How long the JVMs of a system compute while it is measured, for each job. */
final class Cpu {
  private final Rig rig;
  private long headBefore;
  private long workersBefore;
  private long head;
  private long workers;
  private long jobs;

  Cpu(Rig rig) {
    this.rig = rig;
  }

  void begin() {
    headBefore = rig.head().cpu().toNanos();
    workersBefore = rig.workersCpu().toNanos();
  }

  void end(int jobsDone) {
    head += rig.head().cpu().toNanos() - headBefore;
    workers += rig.workersCpu().toNanos() - workersBefore;
    jobs += jobsDone;
  }

  /** Returns how long the head's JVM computed for a job, in microseconds. */
  double headMicros() {
    return head / 1e3 / jobs;
  }

  /** Returns how long the JVMs of the workers computed for a job, in microseconds. */
  double workerMicros() {
    return workers / 1e3 / jobs;
  }
}
