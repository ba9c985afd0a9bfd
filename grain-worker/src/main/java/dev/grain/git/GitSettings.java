package dev.grain.git;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How servers are talked to.
 *
 * @param patience how long one may say nothing; whole seconds
 * @param home where the user has {@code .ssh}
 * @param newHosts the file for keys of ssh servers that nobody knows yet; null if these are refused
 */
record GitSettings(Duration patience, Path home, @Nullable Path newHosts) {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  static GitSettings of(@Nullable Path newHosts) {
    return new GitSettings(PATIENCE, Path.of(System.getProperty("user.home", "/")), newHosts);
  }
}
