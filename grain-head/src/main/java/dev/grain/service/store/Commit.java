package dev.grain.service.store;

import java.time.Duration;
import java.util.List;

/**
 * A transaction that is on the disk.
 *
 * @param jobs the numbers of the jobs and tasks that it has added or changed, each once
 * @param changes how many changes it consists of
 * @param took how long it took to make them and to commit
 */
public record Commit(List<Long> jobs, int changes, Duration took) {
  public Commit {
    jobs = List.copyOf(jobs);
  }

  /** Learns of each transaction. */
  @FunctionalInterface
  public interface Observer {
    /**
     * Called after a commit, before those who have asked for the changes are answered, by the
     * thread that writes, which it must not block.
     */
    void onCommit(Commit commit);
  }
}
