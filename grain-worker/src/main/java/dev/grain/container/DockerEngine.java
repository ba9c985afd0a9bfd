package dev.grain.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Version;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.core.RemoteApiVersion;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import dev.grain.image.EngineProbe;
import dev.grain.image.ImageName;
import dev.grain.node.confine.Life;
import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.Progress;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The engine for containers of this machine: Docker, or another one that speaks its API, such as
 * Podman. For all threads; the calls block.
 */
public final class DockerEngine implements AutoCloseable {
  /** The label that says which life of which worker a container belongs to. */
  static final String WORKER_LABEL = "dev.grain.worker";

  /** The label that says which head the container works for. */
  static final String HEAD_LABEL = "dev.grain.head";

  /** The newest version of the API that this speaks; an engine may have an older one. */
  private static final int NEWEST_MINOR = 44;

  /** Kept, as a logger forgets its level with the last one who knows it. */
  private static final Logger CLIENT_LOG = Logger.getLogger("com.github.dockerjava");

  static {
    // whatever matters there becomes an exception here
    CLIENT_LOG.setLevel(Level.OFF);
  }

  /** How the client words what an engine refuses. */
  private static final Pattern ANSWER =
      Pattern.compile("(?s)Status [0-9]+: \\{\\s*\"message\"\\s*:\\s*\"(.*)\"\\s*}\\s*");

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);

  /** Calls that do something are given longer, as an engine may be busy. */
  private static final Duration CALL_LIMIT = Duration.ofMinutes(2);

  private final URI host;
  private final String description;
  private final boolean isPodman;
  private final String architecture;
  private final DockerHttpClient calls;
  private final DockerHttpClient streams;
  private final DockerClient client;
  private final DockerClient streamClient;
  private final String pathPrefix;
  private final ImageStore images;
  // the engine's number of cores; 0 if it was not asked yet; set by any thread
  private volatile int cores;

  /**
   * What was found.
   *
   * @param engine the engine; empty if there is none
   * @param reason why there is none, in a sentence; empty if there is one
   */
  public record Search(Optional<DockerEngine> engine, String reason) {}

  private DockerEngine(URI host, Version version, int minor, Path folder, long mostBytes) {
    this.host = host;
    String components = String.valueOf(version.getComponents());
    this.isPodman = components.contains("Podman");
    this.description =
        "%s %s at %s".formatted(isPodman ? "Podman" : "Docker", version.getVersion(), host);
    this.architecture = architecture(String.valueOf(version.getArch()));
    this.pathPrefix = "/v1." + minor;
    EngineConfig config = new EngineConfig(host, RemoteApiVersion.create(1, minor));
    this.calls = http(host, CALL_LIMIT);
    this.streams = http(host, null);
    this.client = DockerClientImpl.getInstance(config, calls);
    this.streamClient = DockerClientImpl.getInstance(config, streams);
    this.images = new ImageStore(this, folder, mostBytes);
  }

  private static DockerHttpClient http(URI host, @Nullable Duration limit) {
    ZerodepDockerHttpClient.Builder builder =
        new ZerodepDockerHttpClient.Builder()
            .dockerHost(host)
            .maxConnections(Integer.MAX_VALUE)
            .connectionTimeout(CONNECT_LIMIT);
    return (limit == null ? builder : builder.responseTimeout(limit)).build();
  }

  // ---------------------------------------------------------------- finding it

  /**
   * Looks for an engine: the one that {@code DOCKER_HOST} names, or else the first that answers at
   * the usual sockets of Docker and of Podman.
   *
   * @param folder where it is noted which images Grain has pulled; workers of a machine share it
   * @param mostBytes how many bytes these may take together, beside those in use
   */
  public static Search find(Path folder, long mostBytes) {
    return find(System.getenv(), folder, mostBytes);
  }

  static Search find(Map<String, String> environment, Path folder, long mostBytes) {
    EngineProbe probe = new EngineProbe(environment);
    String named = environment.getOrDefault(EngineProbe.HOST_VARIABLE, "");
    if (!named.isEmpty()) {
      return tryNamed(named, environment, folder, mostBytes);
    }
    List<String> tried = new ArrayList<>();
    for (Path socket : probe.usualSockets()) {
      if (Files.exists(socket)) {
        Search search = connect(EngineProbe.address(socket), folder, mostBytes);
        if (search.engine().isPresent()) {
          return search;
        }
        tried.add(search.reason());
      }
    }
    return none(
        tried.isEmpty()
            ? "There is no engine for containers: none of the sockets %s exists, and DOCKER_HOST is"
                    .formatted(probe.usualSockets())
                + " not set. Start Docker, or Podman with podman system service."
            : String.join(" ", tried));
  }

  private static Search tryNamed(
      String named, Map<String, String> environment, Path folder, long mostBytes) {
    URI host;
    try {
      host = URI.create(named);
    } catch (IllegalArgumentException e) {
      return none("DOCKER_HOST is \"%s\", which is no address.".formatted(named));
    }
    String scheme = String.valueOf(host.getScheme());
    if (!scheme.equals("unix") && !scheme.equals("tcp")) {
      return none(
          "DOCKER_HOST is \"%s\": Grain reaches an engine by unix:// or tcp://.".formatted(named));
    }
    if (scheme.equals("tcp") && !environment.getOrDefault("DOCKER_TLS_VERIFY", "").isEmpty()) {
      return none(
          "DOCKER_HOST is \"%s\" with DOCKER_TLS_VERIFY: Grain does not use an engine by TLS, as"
                  .formatted(named)
              + " that of another machine does not have the files of this one. Use a socket.");
    }
    return connect(host, folder, mostBytes);
  }

  private static Search none(String reason) {
    return new Search(Optional.empty(), reason);
  }

  private static Search connect(URI host, Path folder, long mostBytes) {
    EngineConfig config = new EngineConfig(host, RemoteApiVersion.unknown());
    Version version;
    try (DockerHttpClient http = http(host, CONNECT_LIMIT);
        DockerClient client = DockerClientImpl.getInstance(config, http)) {
      version = client.versionCmd().exec();
    } catch (IOException | RuntimeException e) {
      return none(
          "No engine for containers answers at %s: %s. Check that it runs, and that this user may"
                  .formatted(host, reason(e))
              + " use it.");
    }
    int newest = minor(version.getApiVersion());
    int oldest = Math.max(0, minor(version.getMinAPIVersion()));
    if (newest < EngineProbe.OLDEST_API || oldest > NEWEST_MINOR) {
      return none(
          "The engine at %s speaks versions 1.%s to 1.%s of the API of Docker, but Grain speaks 1.%s"
                  .formatted(host, oldest, newest, EngineProbe.OLDEST_API)
              + " to 1.%s.".formatted(NEWEST_MINOR));
    }
    int spoken = Math.min(newest, NEWEST_MINOR);
    return new Search(Optional.of(new DockerEngine(host, version, spoken, folder, mostBytes)), "");
  }

  private static int minor(@Nullable String version) {
    try {
      return version == null ? 0 : Integer.parseInt(version.substring(version.indexOf('.') + 1));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** Returns the words of the innermost cause, as clients wrap them; of JSON, the message. */
  static String reason(Throwable problem) {
    Throwable cause = problem;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    String words = cause.getMessage();
    if (words == null) {
      return cause.getClass().getSimpleName();
    }
    Matcher answer = ANSWER.matcher(words);
    return answer.matches()
        ? answer.group(1).replace("\\n", "\n").replaceAll("\\\\(.)", "$1")
        : words.strip();
  }

  /** Returns the name of a kind of processors as images have it. */
  static String architecture(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "x86_64" -> "amd64";
      case "aarch64" -> "arm64";
      case "x86", "i386", "i686" -> "386";
      default -> name.toLowerCase(Locale.ROOT);
    };
  }

  // ---------------------------------------------------------------- for this package

  DockerClient client() {
    return client;
  }

  /** Returns the client for what may take any time. */
  DockerClient streamClient() {
    return streamClient;
  }

  /**
   * Sends a request whose answer may take any time, and returns it as it arrives.
   *
   * @param path without the version
   */
  DockerHttpClient.Response stream(DockerHttpClient.Request.Builder request, String path) {
    return streams.execute(request.path(pathPrefix + path).build());
  }

  /** Connects with the standard streams of a container. */
  Attachment attach(String path) throws IOException {
    return Attachment.open(host, pathPrefix + path);
  }

  DockerHttpClient.Response call(DockerHttpClient.Request.Builder request, String path) {
    return calls.execute(request.path(pathPrefix + path).build());
  }

  boolean isPodman() {
    return isPodman;
  }

  String architecture() {
    return architecture;
  }

  /** Returns how many cores the engine gives to containers. */
  int cores() {
    int known = cores;
    if (known == 0) {
      Integer found = client.infoCmd().exec().getNCPU();
      known = found == null ? Runtime.getRuntime().availableProcessors() : found;
      cores = known;
    }
    return known;
  }

  /** Returns what the engine knows of an image; null if it does not have it. */
  @Nullable InspectImageResponse inspect(String reference) {
    try {
      return client.inspectImageCmd(reference).exec();
    } catch (NotFoundException e) {
      return null;
    }
  }

  /** Returns a failure because the engine does not answer as it should. */
  PreparationException broken(String what, RuntimeException e) {
    return PreparationException.here(
        "%s could not %s: %s. Check that it works.".formatted(description, what, reason(e)));
  }

  // ---------------------------------------------------------------- for others

  /** Returns which engine this is, for people. */
  public String description() {
    return description;
  }

  /**
   * Has the engine pull an image that it does not have. Several threads and workers that want the
   * same image wait for one pull; a failure is remembered for a minute.
   *
   * @param name with the digest
   * @param logins are asked for a login for its registry, which only that is told
   * @return the image, which is not removed before it is closed
   * @throws PreparationException if it could not be pulled, or is for other processors
   */
  public Image pull(ImageName name, Logins logins, Progress progress)
      throws PreparationException, InterruptedException {
    return images.pull(name, logins, progress);
  }

  /**
   * Returns an image that the engine has to have; it is never pulled.
   *
   * @throws PreparationException if it does not have it, or the image is for other processors
   */
  public Image local(String name) throws PreparationException, InterruptedException {
    return images.local(name);
  }

  /**
   * Removes the images that Grain has pulled and that nobody uses.
   *
   * @return how many bytes that were
   */
  public long purge() {
    return images.purge(0);
  }

  /** Removes the containers of workers that are gone. */
  public void removeOrphans() throws PreparationException {
    try {
      List<Container> all =
          client
              .listContainersCmd()
              .withShowAll(true)
              .withLabelFilter(List.of(WORKER_LABEL))
              .exec();
      for (Container each : all) {
        String life = each.getLabels().getOrDefault(WORKER_LABEL, "");
        if (Life.isOver(life)) {
          remove(each.getId());
        }
      }
    } catch (DockerException e) {
      throw broken("list its containers", e);
    } catch (RuntimeException e) {
      throw broken("be asked for its containers", e);
    }
  }

  /**
   * Removes a container with all that is in it, also one that runs; one that is gone is no error.
   */
  void remove(String container) {
    try {
      client.removeContainerCmd(container).withForce(true).withRemoveVolumes(true).exec();
    } catch (NotFoundException e) {
      // somebody else has removed it
    } catch (DockerException e) {
      if (e.getHttpStatus() != 409) {
        throw e;
      }
      // it is being removed
    }
  }

  /** Ends its connections; what runs goes on. */
  @Override
  public void close() {
    images.close();
    for (AutoCloseable each : List.of(client, streamClient, calls, streams)) {
      try {
        each.close();
      } catch (Exception e) {
        // it was only a connection
      }
    }
  }
}
