package dev.grain.dispatch;

import java.util.List;
import java.util.SequencedMap;

/**
 * What has been done for a run, and what its workers have free.
 *
 * @param progress how many jobs are where, and how many have ended how
 * @param submitted jobs that have come into the queue
 * @param passes how often the head has looked what can be placed
 * @param decisions how many jobs it has sent to a node, again included
 * @param bytesOut the bytes of the inputs of the run's jobs that were sent
 * @param bytesBack the bytes of the values and failures that have come back
 * @param workers the workers that take jobs, in the order in which they joined
 */
public record DispatchStats(
    RunProgress progress,
    long submitted,
    long passes,
    long decisions,
    long bytesOut,
    long bytesBack,
    List<OfWorker> workers) {
  /**
   * A worker.
   *
   * @param name its name
   * @param jobs how many jobs it has
   * @param offers what it has of each kind
   * @param free what of that is free
   * @param others what of it other programs hold
   */
  public record OfWorker(
      String name,
      int jobs,
      SequencedMap<String, Double> offers,
      SequencedMap<String, Double> free,
      SequencedMap<String, Double> others) {}
}
