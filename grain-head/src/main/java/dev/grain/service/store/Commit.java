package dev.grain.service.store;

import java.time.Duration;
import java.util.List;

/**
 * A transaction that is on the disk.
 *
 * @param changes what it has done to jobs and tasks, in order
 * @param size how many changes of the store it consists of
 * @param took how long it took to make them and to commit
 */
public record Commit(List<JobChange> changes, int size, Duration took) {
  public Commit {
    changes = List.copyOf(changes);
  }

  /** Returns the numbers of the jobs and tasks that it has added or changed, each once. */
  public List<Long> jobs() {
    return changes.stream().map(JobChange::job).distinct().toList();
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
