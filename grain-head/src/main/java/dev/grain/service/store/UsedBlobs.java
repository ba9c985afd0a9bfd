package dev.grain.service.store;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** The blobs that stored jobs and maps name, in their specs or as their results. */
public final class UsedBlobs {
  private final Handle handle;

  public UsedBlobs(Handle handle) {
    this.handle = handle;
  }

  /** Returns those of some that are used. */
  public Set<String> among(List<String> hashes) {
    Set<String> used = new HashSet<>();
    if (!hashes.isEmpty()) {
      handle
          .createQuery(
              "SELECT hash FROM blobs WHERE hash IN (<hashes>) UNION SELECT blob FROM results WHERE blob IN (<hashes>)")
          .bindList("hashes", hashes)
          .mapTo(String.class)
          .forEach(used::add);
    }
    return used;
  }
}
