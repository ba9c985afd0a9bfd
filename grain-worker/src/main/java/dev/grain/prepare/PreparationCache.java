package dev.grain.prepare;

import dev.grain.container.DockerEngine;
import dev.grain.container.NodeContainers;
import dev.grain.environment.Environments;
import dev.grain.folder.CacheFolder;
import dev.grain.git.GitCheckouts;
import dev.grain.node.support.SupportSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a machine keeps of what was made ready: in subfolders of the folder for caches, which all
 * workers of a user share.
 *
 * @param folder the folder for caches
 */
public record PreparationCache(Path folder) {
  private static final long MOST_GIT = 10L << 30;
  private static final long MOST_ENVIRONMENTS = 20L << 30;
  private static final long MOST_IMAGES = 20L << 30;

  /** Returns that of the user. */
  static PreparationCache usual() {
    return new PreparationCache(CacheFolder.usual());
  }

  GitCheckouts checkouts() {
    return new GitCheckouts(folder.resolve("git"), MOST_GIT);
  }

  Environments environments() {
    return new Environments(folder.resolve("environments"), MOST_ENVIRONMENTS);
  }

  NodeContainers containers(SupportSettings settings) {
    return new NodeContainers(images(), MOST_IMAGES, settings);
  }

  private Path images() {
    return folder.resolve("images");
  }

  /**
   * Removes what is not in use: also from the container engine, if there is one, the images that
   * workers have pulled.
   *
   * @return how many bytes that had
   */
  public long purge() throws IOException {
    return checkouts().purge() + environments().purge() + purgeImages();
  }

  private long purgeImages() {
    if (Files.notExists(images())) {
      return 0;
    }
    DockerEngine.Search search = DockerEngine.find(images(), MOST_IMAGES);
    if (search.engine().isEmpty()) {
      return 0;
    }
    try (DockerEngine engine = search.engine().get()) {
      return engine.purge();
    }
  }
}
