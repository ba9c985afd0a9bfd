package dev.grain.prepare;

import dev.grain.git.GitRefs;
import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.support.NodeSupport;
import dev.grain.node.support.NodeSupportFactory;
import dev.grain.node.support.SupportSettings;
import java.nio.file.Path;

/** Makes the support of nodes; found by {@link java.util.ServiceLoader}. */
public final class JobSupportFactory implements NodeSupportFactory {
  @Override
  public NodeSupport open(SupportSettings settings) {
    Path folder = settings.cache();
    PreparationCache cache =
        folder == null ? PreparationCache.usual() : new PreparationCache(folder);
    return new JobSupport(cache, settings);
  }

  @Override
  public String commitOf(String url, String branch, Logins logins)
      throws PreparationException, InterruptedException {
    return GitRefs.resolve(url, branch, logins);
  }
}
