package dev.grain.node.support;

import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.PreparationException;

/**
 * Makes what supports nodes: found by {@link java.util.ServiceLoader}, so that a program whose jobs
 * need no preparation and no containers need not have it. For all threads.
 */
public interface NodeSupportFactory {
  /** Makes the support of a node, which has prepared nothing and has no containers. */
  NodeSupport open(SupportSettings settings);

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
