package dev.grain.service.log;

import dev.grain.service.store.Jobs;
import dev.grain.service.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Removes the logs of jobs that are not stored any more. */
public final class LogRetention {
  private static final int SOME = 500;

  private LogRetention() {}

  /**
   * Removes them, and returns how many files that were.
   *
   * @throws IOException if the folder cannot be read or changed
   * @throws dev.grain.service.store.StoreException if the database is away
   */
  public static int apply(Logs logs, Store store) throws IOException {
    int removed = 0;
    for (Path part : logs.folder().parts()) {
      List<Long> jobs = new ArrayList<>(LogFolder.jobs(part));
      Set<Long> gone = new HashSet<>(jobs);
      for (int from = 0; from < jobs.size(); from += SOME) {
        List<Long> some = jobs.subList(from, Math.min(jobs.size(), from + SOME));
        gone.removeAll(store.read(handle -> new Jobs(handle).among(some)));
      }
      if (!gone.isEmpty()) {
        removed += LogFolder.remove(part, gone);
      }
    }
    return removed;
  }
}
