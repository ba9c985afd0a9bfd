package dev.grain.git;

import dev.grain.node.prepare.Login;
import dev.grain.node.prepare.PreparationException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What servers have refused to whom within the last minute: servers lock those out who try often,
 * and many jobs may want the same. For all threads.
 */
final class RefusedLogins {
  private static final Duration REMEMBERED = Duration.ofMinutes(1);

  private final InstantSource clock;
  // guarded by itself
  private final Map<Attempt, Refusal> refusals = new HashMap<>();

  RefusedLogins(InstantSource clock) {
    this.clock = clock;
  }

  private record Attempt(String url, @Nullable Login login) {}

  private record Refusal(PreparationException failure, Instant forgotten) {}

  /** Throws what a server has answered to the same login. */
  void ensureNotRefused(GitUrl url, @Nullable Login login) throws PreparationException {
    synchronized (refusals) {
      Instant now = clock.instant();
      refusals.values().removeIf(each -> !now.isBefore(each.forgotten));
      Refusal refusal = refusals.get(new Attempt(url.key(), login));
      if (refusal != null) {
        String message = String.valueOf(refusal.failure.getMessage());
        throw refusal.failure.isOfThisNode()
            ? PreparationException.here(message)
            : PreparationException.everywhere(message);
      }
    }
  }

  void remember(GitUrl url, @Nullable Login login, PreparationException failure) {
    synchronized (refusals) {
      refusals.put(
          new Attempt(url.key(), login), new Refusal(failure, clock.instant().plus(REMEMBERED)));
    }
  }
}
