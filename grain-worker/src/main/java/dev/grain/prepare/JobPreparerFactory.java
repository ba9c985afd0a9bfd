package dev.grain.prepare;

import dev.grain.git.GitRefs;
import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.Preparer;
import dev.grain.node.prepare.PreparerFactory;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Makes the preparers of nodes; found by {@link java.util.ServiceLoader}. */
public final class JobPreparerFactory implements PreparerFactory {
  @Override
  public Preparer open(@Nullable Path cache) {
    return new JobPreparer(cache == null ? PreparationCache.usual() : new PreparationCache(cache));
  }

  @Override
  public String commitOf(String url, String branch, Logins logins)
      throws PreparationException, InterruptedException {
    return GitRefs.resolve(url, branch, logins);
  }
}
