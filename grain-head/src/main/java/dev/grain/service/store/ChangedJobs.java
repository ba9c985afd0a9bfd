package dev.grain.service.store;

import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.config.JdbiConfig;

/**
 * What the transaction of a handle does to jobs. Whatever writes the table of jobs notes it here.
 * For the thread that has the handle.
 */
public final class ChangedJobs implements JdbiConfig<ChangedJobs> {
  private final List<JobChange> changes = new ArrayList<>();

  /** For JDBI, which makes one for each handle. */
  public ChangedJobs() {}

  /** Returns those of a handle. */
  static ChangedJobs of(Handle handle) {
    return handle.getConfig(ChangedJobs.class);
  }

  void note(JobChange change) {
    changes.add(change);
  }

  /** Returns how many notes there are. */
  int size() {
    return changes.size();
  }

  /** Forgets the notes after the first ones. */
  void truncate(int size) {
    changes.subList(size, changes.size()).clear();
  }

  List<JobChange> all() {
    return List.copyOf(changes);
  }

  /** Returns this one: what statements of a handle change belongs to the handle. */
  @Override
  public ChangedJobs createCopy() {
    return this;
  }
}
