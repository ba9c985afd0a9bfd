package dev.grain;

import java.io.IOException;

/**
 * Where a secret comes from, for programs that keep secrets in a place of their own; {@link Secret}
 * has the usual places. Pass it to {@link Secret#from}.
 *
 * <pre>{@code
 * Credentials.git("https://git.example.org", Secret.from(target ->
 *     new Secret.Value.Password("robot", vault.read("git-token"))))
 * }</pre>
 */
@FunctionalInterface
public interface SecretSource {
  /**
   * Reads the secret. Called in the program, each time when a worker needs it, on a thread on which
   * it may block; after a minute the thread is interrupted and the job fails. Several targets may
   * be read at the same time.
   *
   * @param target the address that the secret is for: of a registry its host, a slash and the
   *     repository; of a git server the URL of the repository
   * @throws IOException if it cannot be read; its message becomes a part of the failure of the job,
   *     so it must not contain the secret. The same holds for any other exception.
   * @throws InterruptedException if the thread is interrupted
   */
  Secret.Value read(String target) throws IOException, InterruptedException;
}
