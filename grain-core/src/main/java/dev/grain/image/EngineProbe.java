package dev.grain.image;

import static java.util.regex.Pattern.CASE_INSENSITIVE;
import static java.util.regex.Pattern.MULTILINE;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A look for the container engine of this machine by the JDK alone, which takes a few milliseconds,
 * or at most two seconds with an engine that does not answer. For all threads.
 *
 * <p>Implementation note: without streams, which take a while when they are first used, as each
 * program and worker looks at its start.
 */
public final class EngineProbe {
  /** The variable that names the address of the engine. */
  public static final String HOST_VARIABLE = "DOCKER_HOST";

  /** The oldest version of the API that is spoken is 1 and this; it has all that is needed. */
  public static final int OLDEST_API = 40;

  private static final int USUAL_PORT = 2375;
  private static final long LIMIT_MILLIS = 2_000;
  private static final int LARGEST_ANSWER = 1 << 20;
  private static final String HEAD_END = "\r\n\r\n";

  private final Map<String, String> environment;

  /**
   * Prepares a look.
   *
   * @param environment the environment variables of this process
   */
  public EngineProbe(Map<String, String> environment) {
    this.environment = environment;
  }

  /** Returns a look from this process. */
  public static EngineProbe ofThisMachine() {
    return new EngineProbe(System.getenv());
  }

  /** Returns the sockets that Docker and Podman usually have, whether or not they exist. */
  public Set<Path> usualSockets() {
    Set<Path> sockets = new LinkedHashSet<>();
    sockets.add(Path.of("/var/run/docker.sock"));
    String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
    String home = environment.getOrDefault("HOME", "");
    if (!runtime.isEmpty()) {
      sockets.add(Path.of(runtime, "docker.sock"));
    }
    if (!home.isEmpty()) {
      sockets.add(Path.of(home, ".docker", "run", "docker.sock"));
    }
    if (!runtime.isEmpty()) {
      sockets.add(Path.of(runtime, "podman", "podman.sock"));
    }
    sockets.add(Path.of("/run/podman/podman.sock"));
    return sockets;
  }

  /** Returns the address of the engine at a socket. */
  public static URI address(Path socket) {
    // the folder of a user may have any name
    return URI.create("unix://" + socket.toUri().getRawPath());
  }

  /** Returns whether an engine answers. */
  public boolean finds() {
    return engine().isPresent();
  }

  /**
   * Returns whether the engine has containers with a label, running or not; false without an
   * engine.
   */
  public boolean findsContainers(String label) {
    String filter = URLEncoder.encode("{\"label\":[\"" + label + "\"]}", StandardCharsets.UTF_8);
    return engine()
        .flatMap(engine -> get(engine, "/containers/json?all=1&filters=" + filter))
        .filter(answer -> !answer.body().strip().equals("[]"))
        .isPresent();
  }

  /** What an engine says. */
  private record Answer(String head, String body) {
    private static final Pattern API =
        Pattern.compile("^api-version: *1\\.([0-9]{1,4})\\s*$", CASE_INSENSITIVE | MULTILINE);

    /** Engines name the newest version of the API that they speak. */
    boolean isNewEnough() {
      Matcher version = API.matcher(head);
      return !version.find() || Integer.parseInt(version.group(1)) >= OLDEST_API;
    }
  }

  private Optional<URI> engine() {
    for (URI each : addresses()) {
      Optional<Answer> answer = get(each, "/_ping");
      if (answer.isPresent() && answer.get().isNewEnough()) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  private List<URI> addresses() {
    String named = environment.getOrDefault(HOST_VARIABLE, "");
    if (named.isEmpty()) {
      List<URI> found = new ArrayList<>();
      for (Path each : usualSockets()) {
        if (Files.exists(each)) {
          found.add(address(each));
        }
      }
      return found;
    }
    try {
      return List.of(URI.create(named));
    } catch (IllegalArgumentException e) {
      return List.of();
    }
  }

  /** Returns the answer; empty if there is none in time, or it is an error. */
  private static Optional<Answer> get(URI engine, String path) {
    boolean unix = "unix".equals(engine.getScheme());
    if (!unix && (!"tcp".equals(engine.getScheme()) || engine.getHost() == null)) {
      return Optional.empty();
    }
    try (SocketChannel channel =
        unix ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open()) {
      CompletableFuture<String> answer = new CompletableFuture<>();
      Thread.ofPlatform()
          .daemon()
          .name("grain-engine-probe")
          .start(() -> {
            try {
              answer.complete(ask(channel, address(engine), path));
            } catch (IOException | RuntimeException e) {
              answer.complete("");
            }
          });
      String text = answer.get(LIMIT_MILLIS, TimeUnit.MILLISECONDS);
      int end = text.indexOf(HEAD_END);
      return end > 0 && text.substring(0, text.indexOf("\r\n")).contains(" 200")
          ? Optional.of(new Answer(text.substring(0, end), text.substring(end + HEAD_END.length())))
          : Optional.empty();
    } catch (IOException | RuntimeException | ExecutionException | TimeoutException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static SocketAddress address(URI engine) {
    return "unix".equals(engine.getScheme())
        ? UnixDomainSocketAddress.of(engine.getPath())
        : new InetSocketAddress(
            engine.getHost(), engine.getPort() < 0 ? USUAL_PORT : engine.getPort());
  }

  private static String ask(SocketChannel channel, SocketAddress address, String path)
      throws IOException {
    channel.connect(address);
    String request = "GET %s HTTP/1.0\r\nHost: engine\r\n\r\n".formatted(path);
    ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    // the stream belongs to the channel, which is closed
    InputStream in = Channels.newInputStream(channel);
    return new String(in.readNBytes(LARGEST_ANSWER), StandardCharsets.UTF_8);
  }
}
