package dev.grain;

/**
 * A secret and what it is for, given to a run by {@link RunOptions#credentials}. Workers need it to
 * fetch code and images for jobs. Immutable.
 *
 * <pre>{@code
 * RunOptions.defaults().credentials(
 *     Credentials.git("https://github.com/acme", Secret.environment("GIT_USER", "GIT_TOKEN")))
 * }</pre>
 *
 * <p>Of all credentials whose address is a prefix of the one that is needed, by whole segments of
 * the path, the longest is used; of equal ones, the one that was given last. So {@code
 * https://github.com/acme} is for {@code https://github.com/acme/jobs}, but not for {@code
 * https://github.com/acme-labs/jobs}.
 *
 * <p>The secret is read in the program each time when a worker needs it, and sent to this worker
 * alone, over TLS. It does not go over a connection that is not encrypted ({@link
 * RunOptions#insecure}): the job fails with a sentence instead. A worker keeps it in memory until
 * it has been used, and never writes it to a disk or a log.
 */
public final class Credentials {
  private final Service service;
  private final String address;
  private final ServerPath path;
  private final Secret secret;

  /** What they are for. */
  enum Service {
    REGISTRY("Docker"),
    GIT("Git");

    private final String adjective;

    Service(String adjective) {
      this.adjective = adjective;
    }
  }

  private Credentials(Service service, String address, ServerPath path, Secret secret) {
    this.service = service;
    this.address = address;
    this.path = path;
    this.secret = secret;
  }

  /**
   * Returns credentials for the images of a registry. The program uses them to look up the digest
   * of a tag, and the container engines of workers to pull the image.
   *
   * <pre>{@code
   * Credentials.docker("ghcr.io/acme", Secret.dockerConfig())
   * }</pre>
   *
   * @param registry the host of the registry, with a port if it is not the usual one, and maybe the
   *     beginning of the names of repositories, as in {@code ghcr.io/acme}; {@code docker.io} for
   *     the Docker Hub
   * @throws IllegalArgumentException if {@code registry} does not begin with a host, or the secret
   *     is an ssh key
   */
  public static Credentials docker(String registry, Secret secret) {
    ServerPath path = ServerPath.ofRegistryPrefix(registry);
    if (secret.fit() == Secret.Fit.GIT_SERVERS) {
      throw new IllegalArgumentException(
          "The registry %s takes a user and a password, not %s".formatted(registry, secret));
    }
    return new Credentials(Service.REGISTRY, registry, path, secret);
  }

  /**
   * Returns credentials for git repositories.
   *
   * @param urlPrefix the beginning of their URLs, as in {@code https://github.com/acme}; a scheme
   *     that it names has to be the same, and without one it is for all that are encrypted. {@code
   *     git@github.com} and {@code github.com} are for {@code git@github.com:acme/jobs.git}, too.
   *     The user in a URL does not matter
   * @throws IllegalArgumentException if {@code urlPrefix} names no host, or the secret is the
   *     configuration of Docker
   */
  public static Credentials git(String urlPrefix, Secret secret) {
    ServerPath path = ServerPath.ofGitPrefix(urlPrefix);
    if (secret.fit() == Secret.Fit.REGISTRIES) {
      throw new IllegalArgumentException(
          "%s has no logins for git servers: give another secret for %s"
              .formatted(capitalised(secret.toString()), urlPrefix));
    }
    return new Credentials(Service.GIT, urlPrefix, path, secret);
  }

  private static String capitalised(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }

  Service service() {
    return service;
  }

  ServerPath path() {
    return path;
  }

  Secret secret() {
    return secret;
  }

  /** Returns what they are for and where the secret is; never the secret. */
  @Override
  public String toString() {
    return "%s credentials for %s from %s".formatted(service.adjective, address, secret);
  }
}
