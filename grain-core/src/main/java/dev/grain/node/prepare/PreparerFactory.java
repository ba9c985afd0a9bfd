package dev.grain.node.prepare;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Makes what prepares jobs: found by {@link java.util.ServiceLoader}, so that a program whose jobs
 * need no preparation need not have it. For all threads.
 */
public interface PreparerFactory {
  /**
   * Makes the preparer of a node, which has prepared nothing.
   *
   * @param cache the folder for what is kept; null for that of the user
   */
  Preparer open(@Nullable Path cache);

  /**
   * Looks up the latest commit of a branch, for a program; blocks.
   *
   * @param url as git takes it
   * @param branch its name, or {@code refs/tags/NAME}
   * @return the SHA in full
   * @throws PreparationException if there is none; the message says why
   */
  String commitOf(String url, String branch, Logins logins)
      throws PreparationException, InterruptedException;
}
