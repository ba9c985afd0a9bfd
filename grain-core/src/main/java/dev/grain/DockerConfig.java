package dev.grain;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The logins that {@code docker login} has left on this machine. As for Docker, a helper of a
 * registry comes first, then the store of all, then the file itself.
 */
final class DockerConfig implements SecretSource {
  private static final int MOST_BYTES = 1024 * 1024;

  /** What the Docker Hub is called in the file, and by helpers. */
  private static final String HUB = "https://index.docker.io/v1/";

  private static final String HOST_OF_HUB = "registry-1.docker.io";

  /** The user that stands for an identity token in the place of a password. */
  private static final String TOKEN = "<token>";

  private final UnaryOperator<@Nullable String> environment;

  /**
   * Reads the file anew each time.
   *
   * @param environment returns the value of an environment variable; null if it is not set
   */
  DockerConfig(UnaryOperator<@Nullable String> environment) {
    this.environment = environment;
  }

  @Override
  public Secret.Value read(String target) throws IOException, InterruptedException {
    ServerPath wanted = ServerPath.ofRegistryTarget(target);
    Path file = file();
    if (Files.notExists(file)) {
      throw new NoLoginException("there is no file " + file);
    }
    Map<?, ?> config = parse(file);
    Map<?, ?> auths = objectAt(config, "auths", file);
    String known = bestKey(auths, wanted);
    String helper = helper(config, wanted, file);
    Optional<Secret.Value> found = Optional.empty();
    if (helper != null) {
      found = new DockerHelper(helper, environment).get(known == null ? address(wanted) : known);
    }
    if (found.isEmpty() && known != null) {
      found = entry(objectAt(auths, known, file), known, file);
    }
    return found.orElseThrow(() ->
        new NoLoginException(
            "%s has no login for %s%s; run: docker login %s"
                .formatted(
                    file,
                    host(wanted),
                    helper == null ? "" : ", and docker-credential-" + helper + " has none",
                    wanted.host().equals(HOST_OF_HUB) ? "" : host(wanted))
                .stripTrailing()));
  }

  private Path file() {
    String folder = environment.apply("DOCKER_CONFIG");
    return folder == null || folder.isEmpty()
        ? Path.of(System.getProperty("user.home"), ".docker", "config.json")
        : Path.of(folder, "config.json").toAbsolutePath();
  }

  private static Map<?, ?> parse(Path file) throws IOException {
    byte[] text = SecretText.read(file, MOST_BYTES).getBytes(StandardCharsets.UTF_8);
    try {
      Map<?, ?> object = Json.read(text, Map.class);
      if (object != null) {
        return object;
      }
      throw new IOException(file + " is empty");
    } catch (EncodingException e) {
      // its message could quote a secret
      throw new IOException(file + " is not a JSON object");
    } catch (IllegalStateException e) {
      throw new IOException(e.getMessage());
    }
  }

  private static Map<?, ?> objectAt(Map<?, ?> in, String key, Path file) throws IOException {
    return switch (in.get(key)) {
      case null -> Map.of();
      case Map<?, ?> object -> object;
      default -> throw new IOException("\"%s\" in %s is not a JSON object".formatted(key, file));
    };
  }

  /** Returns the key for the longest prefix of the target; null if there is none. */
  private static @Nullable String bestKey(Map<?, ?> entries, ServerPath wanted) {
    String best = null;
    int longest = -1;
    for (Object each : entries.keySet()) {
      String key = String.valueOf(each);
      ServerPath path = pathOf(key);
      if (path != null && path.covers(wanted) && path.segments().size() > longest) {
        best = key;
        longest = path.segments().size();
      }
    }
    return best;
  }

  private static @Nullable ServerPath pathOf(String key) {
    try {
      return ServerPath.ofRegistryPrefix(key);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static @Nullable String helper(Map<?, ?> config, ServerPath wanted, Path file)
      throws IOException {
    Map<?, ?> helpers = objectAt(config, "credHelpers", file);
    String key = bestKey(helpers, wanted);
    Object name = key == null ? config.get("credsStore") : helpers.get(key);
    return name == null || name.toString().isEmpty() ? null : name.toString();
  }

  private static String address(ServerPath wanted) {
    return wanted.host().equals(HOST_OF_HUB) ? HUB : host(wanted);
  }

  private static String host(ServerPath wanted) {
    return wanted.port() == 0 ? wanted.host() : wanted.host() + ":" + wanted.port();
  }

  private static Optional<Secret.Value> entry(Map<?, ?> entry, String key, Path file)
      throws IOException {
    String user = text(entry, "username");
    String password = text(entry, "password");
    String encoded = text(entry, "auth");
    if (!encoded.isEmpty()) {
      String decoded = decode(encoded, key, file);
      int colon = decoded.indexOf(':');
      if (colon < 0) {
        throw new IOException(damaged(key, file));
      }
      user = decoded.substring(0, colon);
      password = decoded.substring(colon + 1).replaceAll("\0+$", "");
    }
    String token = text(entry, "identitytoken");
    if (!token.isEmpty()) {
      return Optional.of(new Secret.Value.Password(TOKEN, token));
    }
    return password.isEmpty()
        ? Optional.empty()
        : Optional.of(new Secret.Value.Password(user, password));
  }

  private static String text(Map<?, ?> entry, String key) {
    return entry.get(key) instanceof String text ? text : "";
  }

  private static String decode(String encoded, String key, Path file) throws IOException {
    try {
      return new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new IOException(damaged(key, file));
    }
  }

  private static String damaged(String key, Path file) {
    return "the \"auth\" of %s in %s is not \"user:password\" in base64; run docker login again"
        .formatted(key, file);
  }
}
