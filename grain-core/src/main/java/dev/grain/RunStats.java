package dev.grain;

import dev.grain.dispatch.DispatchStats;
import dev.grain.dispatch.RunProgress;
import dev.grain.schedule.Counts;
import java.util.Collections;
import java.util.List;
import java.util.SequencedMap;

/**
 * Statistics of a run at one moment; see {@link GrainExecutor#stats()}.
 *
 * <p>A submitted job is queued, sent or running until it ends. A job that was abandoned because it
 * ignores its interrupt has ended for the program, but also counts as running as long as it holds
 * its slots.
 *
 * @param submitted jobs that were queued since the run started; a job that is just being submitted
 *     may be missing for a moment
 * @param queued jobs that wait in the queue
 * @param sent jobs that were sent to a worker that has not reported their start yet
 * @param running jobs whose worker has reported their start
 * @param succeeded jobs that have returned a value
 * @param failed jobs that returned no value and were not cancelled
 * @param cancelled jobs that were cancelled
 * @param retried failed attempts that were followed by another attempt
 * @param lost attempts that were lost with their worker
 * @param heldBytes the approximate memory that unfinished jobs take in the program: their arguments
 *     and a fixed amount for each. Submissions block while it is above the limit of the queue
 * @param sentBytes the bytes of captured values and arguments of all jobs that were sent to a
 *     worker
 * @param receivedBytes the bytes of all results and failures that have come back
 * @param passes the number of scheduling passes
 * @param decisions the number of placements; a job that is placed again counts again
 * @param workers the workers that take jobs, in the order in which they joined; the program's own
 *     process, {@code local}, is always among them until the run ends
 */
public record RunStats(
    long submitted,
    int queued,
    int sent,
    int running,
    long succeeded,
    long failed,
    long cancelled,
    long retried,
    long lost,
    long heldBytes,
    long sentBytes,
    long receivedBytes,
    long passes,
    long decisions,
    List<Worker> workers) {
  /** Copies the list. */
  public RunStats {
    workers = List.copyOf(workers);
  }

  /**
   * A worker as the program sees it.
   *
   * @param name its name
   * @param jobs the number of jobs that run on it or are queued on it
   * @param offers the amounts that it offers to this run, by kind: {@code cpu} and {@code gpu},
   *     {@code memory} in bytes, {@code capacity} if it is limited, and the custom kinds
   * @param free how much of that is free, of the same kinds
   * @param others how much of it other programs hold that use the same worker, of the same kinds
   */
  public record Worker(
      String name,
      int jobs,
      SequencedMap<String, Double> offers,
      SequencedMap<String, Double> free,
      SequencedMap<String, Double> others) {
    /** Makes the maps unmodifiable. */
    public Worker {
      offers = Collections.unmodifiableSequencedMap(offers);
      free = Collections.unmodifiableSequencedMap(free);
      others = Collections.unmodifiableSequencedMap(others);
    }
  }

  /** Returns how many jobs have ended. */
  public long ended() {
    return succeeded + failed + cancelled;
  }

  /** Returns how much of a kind all workers have, such as {@code cpu}; 0 if none has it. */
  public double offers(String kind) {
    return workers.stream().mapToDouble(worker -> worker.offers().getOrDefault(kind, 0.0)).sum();
  }

  /** Returns how much of a kind is free on all workers, such as {@code cpu}. */
  public double free(String kind) {
    return workers.stream().mapToDouble(worker -> worker.free().getOrDefault(kind, 0.0)).sum();
  }

  static RunStats of(DispatchStats stats, long heldBytes) {
    RunProgress progress = stats.progress();
    Counts counts = progress.counts();
    return new RunStats(
        stats.submitted(),
        counts.queued(),
        counts.sent(),
        counts.running(),
        progress.succeeded(),
        progress.failed(),
        progress.cancelled(),
        counts.retried(),
        counts.lost(),
        heldBytes,
        stats.bytesOut(),
        stats.bytesBack(),
        stats.passes(),
        stats.decisions(),
        stats.workers().stream()
            .map(each ->
                new Worker(each.name(), each.jobs(), each.offers(), each.free(), each.others()))
            .toList());
  }
}
