package dev.grain.node.prepare;

import java.io.IOException;
import java.util.Optional;

/** Finds the secret for a server when it is needed, and not before. For all threads. */
@FunctionalInterface
public interface Logins {
  /** There are none. */
  Logins NONE = (_, _) -> Optional.empty();

  /** What a secret is for. */
  enum Service {
    /** A registry of images: the target is its host, a slash, and the repository. */
    DOCKER,
    /** A git server: the target is the URL of the repository. */
    GIT
  }

  /**
   * Asks for a secret; may block, as the program that submitted the job may have to read it first.
   * To be asked again for each use, as secrets change.
   *
   * @param target the address that it is for
   * @return empty if there is none
   * @throws IOException if there is one, but it could not be read or may not be sent; the message
   *     is for people
   */
  Optional<Login> find(Service service, String target) throws IOException, InterruptedException;
}
