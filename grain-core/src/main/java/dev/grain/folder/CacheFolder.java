package dev.grain.folder;

import java.nio.file.Path;
import java.util.Map;

/** Where Grain keeps what it could make again. */
public final class CacheFolder {
  private CacheFolder() {}

  /** Returns that of the user of this process. */
  public static Path usual() {
    return of(System.getenv(), Path.of(System.getProperty("user.home", ".")));
  }

  /**
   * Returns that of a user.
   *
   * @param environment the user's environment variables
   * @param home the user's folder
   */
  public static Path of(Map<String, String> environment, Path home) {
    String caches = environment.get("XDG_CACHE_HOME");
    // the specification of the folder asks to ignore a relative path
    Path folder =
        caches != null && caches.startsWith("/") ? Path.of(caches) : home.resolve(".cache");
    return folder.resolve("grain");
  }
}
