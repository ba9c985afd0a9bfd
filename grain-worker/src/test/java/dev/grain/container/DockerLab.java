package dev.grain.container;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.core.RemoteApiVersion;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import dev.grain.image.ImageDigests;
import dev.grain.image.ImageName;
import dev.grain.node.prepare.Login;
import dev.grain.node.prepare.Logins;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A Docker engine and a registry with a password, of the tests alone: in a folder of their own,
 * without networks, and gone when the tests are over.
 */
public final class DockerLab implements AutoCloseable {
  /** The image of BusyBox that the engine has. */
  public static final String BUSYBOX = "local/busybox:1";

  public static final String USER = "alice";
  public static final String PASSWORD = "s3cret";

  // by htpasswd -B
  private static final String HASH = "$2y$05$eL3nHuppZ6Oi5AeXF.rOjOZbtjnLI119sM5WSgG6J9FlVlobLEM4i";

  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);
  private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(20);

  private final Path folder;
  private final int port;
  private final List<Process> processes = new ArrayList<>();
  // all only accessed by the thread of the tests
  private @Nullable Process daemon;
  private @Nullable DockerHttpClient http;
  private @Nullable DockerClient client;
  private boolean hasJava;

  private DockerLab(Path folder, int port) {
    this.folder = folder;
    this.port = port;
  }

  /** Gives the tests of a class the engine of all tests, or skips them visibly. */
  public static final class Shared implements BeforeAllCallback {
    // set before the first test
    private static @Nullable DockerLab lab;

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
      assumePossible();
      lab =
          context
              .getRoot()
              .getStore(ExtensionContext.Namespace.create(DockerLab.class))
              .getOrComputeIfAbsent("lab", _ -> new Closing(startUnchecked()), Closing.class)
              .lab();
    }

    public static DockerLab lab() {
      return Objects.requireNonNull(lab);
    }

    private static DockerLab startUnchecked() {
      try {
        return start();
      } catch (IOException | InterruptedException e) {
        throw new IllegalStateException("Docker did not start", e);
      }
    }
  }

  private record Closing(DockerLab lab) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      lab.close();
    }
  }

  /** Skips tests, visibly, where no engine can be started. */
  public static void assumePossible() throws IOException {
    assumeTrue(
        Files.isDirectory(Path.of("/proc/self"))
            && Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0),
        "Only root can start a Docker engine");
    for (String each : List.of("dockerd", "containerd", "runc", "docker-registry", "tar")) {
      assumeTrue(program(each) != null, "There is no program " + each);
    }
    assumeTrue(
        Files.isExecutable(Path.of("/bin/busybox")), "There is no /bin/busybox (busybox-static)");
  }

  private static @Nullable Path program(String name) {
    return Stream.of(System.getenv("PATH").split(":"))
        .map(each -> Path.of(each, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  /** Starts an engine and a registry; to be closed. */
  public static DockerLab start() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory(Path.of("/tmp"), "grain-docker-");
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      port = free.getLocalPort();
    }
    DockerLab lab = new DockerLab(folder, port);
    try {
      lab.startDaemon();
      lab.startRegistry();
      lab.importBusybox(BUSYBOX, "");
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      lab.close();
      throw e;
    }
    return lab;
  }

  public void startDaemon() throws IOException {
    Files.deleteIfExists(folder.resolve("dockerd.pid"));
    Process made =
        spawn(
            "dockerd",
            "dockerd",
            "--data-root",
            folder.resolve("data").toString(),
            "--exec-root",
            folder.resolve("exec").toString(),
            "--pidfile",
            folder.resolve("dockerd.pid").toString(),
            "--host",
            host().toString(),
            "--bridge=none",
            "--iptables=false",
            "--ip6tables=false",
            "--ip-forward=false",
            "--ip-masq=false",
            "--exec-opt",
            "native.cgroupdriver=cgroupfs",
            "--cgroup-parent",
            cgroup(),
            "--insecure-registry",
            "127.0.0.0/8");
    daemon = made;
    EngineConfig config = new EngineConfig(host(), RemoteApiVersion.create(1, 41));
    DockerHttpClient connection = new ZerodepDockerHttpClient.Builder().dockerHost(host()).build();
    http = connection;
    client = DockerClientImpl.getInstance(config, connection);
    await(
        made,
        () -> {
          client().pingCmd().exec();
          return true;
        });
  }

  private String cgroup() {
    return "/" + folder.getFileName();
  }

  private void startRegistry() throws IOException {
    Files.writeString(folder.resolve("htpasswd"), USER + ":" + HASH + "\n");
    Files.writeString(
        folder.resolve("registry.yml"),
        """
        version: 0.1
        log: {level: info}
        storage:
          filesystem: {rootdirectory: %1$s/images}
          delete: {enabled: true}
        http:
          addr: 127.0.0.1:%2$s
        auth:
          htpasswd: {realm: test, path: %1$s/htpasswd}
        """
            .formatted(folder, port));
    Process registry =
        spawn("registry", "docker-registry", "serve", folder.resolve("registry.yml").toString());
    await(
        registry,
        () -> {
          new Socket(InetAddress.ofLiteral("127.0.0.1"), port).close();
          return true;
        });
  }

  private Process spawn(String log, String... words) throws IOException {
    Process process =
        new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(log + ".log").toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .start();
    processes.add(process);
    return process;
  }

  private interface Probe {
    boolean works() throws IOException;
  }

  private void await(Process process, Probe probe) throws IOException {
    long end = System.nanoTime() + PATIENCE;
    while (true) {
      try {
        if (probe.works()) {
          return;
        }
      } catch (IOException | RuntimeException e) {
        if (!process.isAlive() || System.nanoTime() - end > 0) {
          throw new IOException(process.info() + " did not start; see its log:\n" + logs(), e);
        }
      }
      LockSupport.parkNanos(PAUSE);
    }
  }

  private String logs() throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path each : files.filter(file -> file.toString().endsWith(".log")).toList()) {
        all.append(Files.readString(each));
      }
    }
    return all.toString();
  }

  // ---------------------------------------------------------------- images

  /**
   * Makes an image of BusyBox.
   *
   * @param changes what its configuration is to have, as in a Dockerfile; empty for nothing
   */
  public void importBusybox(String name, String changes) throws IOException, InterruptedException {
    importBusybox(name, changes, null);
  }

  /**
   * Makes an image of BusyBox and more.
   *
   * @param more a folder with further files of the root folder; null for none
   */
  void importBusybox(String name, String changes, @Nullable Path more)
      throws IOException, InterruptedException {
    int colon = name.lastIndexOf(':');
    String query =
        "/v1.41/images/create?fromSrc=-&repo=%s&tag=%s%s"
            .formatted(
                name.substring(0, colon),
                name.substring(colon + 1),
                changes.isEmpty()
                    ? ""
                    : "&changes=" + URLEncoder.encode(changes, StandardCharsets.UTF_8));
    Path root = busybox();
    if (more != null) {
      root = Files.createTempDirectory(folder, "root-");
      run("cp", "-a", busybox() + "/.", more + "/.", root.toString());
    }
    send(query, new ProcessBuilder("tar", "-c", "-C", root.toString(), ".").start());
  }

  /** Makes an image for other processors, which has nothing in it. */
  public void loadForeign(String name, String architecture)
      throws IOException, InterruptedException {
    Path archive = Files.createDirectories(folder.resolve("foreign"));
    // an empty archive of tar
    byte[] layer = new byte[10240];
    Files.write(archive.resolve("layer.tar"), layer);
    String digest;
    try {
      digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(layer));
    } catch (NoSuchAlgorithmException e) {
      throw new IOException(e);
    }
    Files.writeString(
        archive.resolve("config.json"),
        """
        {"architecture": "%s", "os": "linux", "config": {},
         "rootfs": {"type": "layers", "diff_ids": ["sha256:%s"]}}
        """
            .formatted(architecture, digest));
    Files.writeString(
        archive.resolve("manifest.json"),
        """
        [{"Config": "config.json", "RepoTags": ["%s"], "Layers": ["layer.tar"]}]
        """
            .formatted(name));
    send(
        "/v1.41/images/load",
        new ProcessBuilder("tar", "-C", archive.toString(), "-c", ".").start());
  }

  /**
   * Makes an image that has this Java, with few modules, if there is none yet; returns its name.
   */
  public String importJava() throws IOException, InterruptedException {
    String name = "local/java:25";
    if (!hasJava) {
      JavaRoot.make(folder.resolve("java"));
      importBusybox(name, "ENV JAVA_HOME=" + JavaRoot.HOME, folder.resolve("java"));
      hasJava = true;
    }
    return name;
  }

  private Path busybox() throws IOException, InterruptedException {
    Path root = folder.resolve("busybox");
    if (Files.notExists(root)) {
      Files.createDirectories(root.resolve("bin"));
      Files.createDirectories(root.resolve("etc"));
      Path tmp = Files.createDirectories(root.resolve("tmp"));
      Files.setPosixFilePermissions(tmp, PosixFilePermissions.fromString("rwxrwxrwx"));
      Files.copy(Path.of("/bin/busybox"), root.resolve("bin/busybox"));
      Process list = new ProcessBuilder("/bin/busybox", "--list").start();
      for (String each : list.inputReader().readAllLines()) {
        if (!each.equals("busybox")) {
          Files.createSymbolicLink(root.resolve("bin").resolve(each), Path.of("busybox"));
        }
      }
      list.waitFor();
    }
    return root;
  }

  private void send(String query, Process tar) throws IOException, InterruptedException {
    try (InputStream in = tar.getInputStream();
        DockerHttpClient.Response response =
            Objects.requireNonNull(http)
                .execute(
                    DockerHttpClient.Request.builder()
                        .method(DockerHttpClient.Request.Method.POST)
                        .path(query)
                        .body(in)
                        .build())) {
      String answer = new String(response.getBody().readAllBytes(), StandardCharsets.UTF_8);
      if (response.getStatusCode() != 200 || answer.contains("error")) {
        throw new IOException(answer);
      }
    }
    tar.waitFor();
  }

  /** Puts an image of BusyBox into the registry that the engine has never had before. */
  public void publish(String repository, String tag) throws IOException, InterruptedException {
    publish(repository, tag, "");
  }

  /** Puts such an image into the registry, in place of what it has for the tag. */
  public void publish(String repository, String tag, String changes)
      throws IOException, InterruptedException {
    String place = registry() + "/" + repository;
    importBusybox(place + ":" + tag, changes);
    client()
        .pushImageCmd(place)
        .withTag(tag)
        .withAuthConfig(
            new AuthConfig()
                .withUsername(USER)
                .withPassword(PASSWORD)
                .withRegistryAddress(registry()))
        .start()
        .awaitCompletion();
    client().removeImageCmd(place + ":" + tag).exec();
  }

  /** Returns the digest that the registry has for a tag. */
  public String digest(String repository, String tag) throws Exception {
    try (ImageDigests digests = new ImageDigests()) {
      return digests.resolve(ImageName.parse(registry() + "/" + repository + ":" + tag), logins());
    }
  }

  // ---------------------------------------------------------------- what there is

  public URI host() {
    return URI.create("unix://" + folder.resolve("docker.sock"));
  }

  public String registry() {
    return "127.0.0.1:" + port;
  }

  public Map<String, String> environment() {
    return Map.of("DOCKER_HOST", host().toString());
  }

  /** Returns the right login for the registry. */
  Logins logins() {
    return (_, target) ->
        target.startsWith(registry())
            ? Optional.of(new Login.Password(USER, PASSWORD))
            : Optional.empty();
  }

  public DockerClient client() {
    return Objects.requireNonNull(client);
  }

  public List<Container> containers() {
    return client().listContainersCmd().withShowAll(true).exec();
  }

  /** Finds the engine as a worker does. */
  DockerEngine engine(Path cache, long mostBytes) {
    return DockerEngine.find(environment(), cache, mostBytes).engine().orElseThrow();
  }

  DockerEngine engine(Path cache) {
    return engine(cache, Long.MAX_VALUE);
  }

  /** Kills the engine, which has no time to end its containers; they go on. */
  public void killDaemon() throws IOException, InterruptedException {
    Objects.requireNonNull(daemon).destroyForcibly().waitFor();
    // its other half, without which a new one starts at once
    String pid = Files.readString(folder.resolve("exec/containerd/containerd.pid")).strip();
    ProcessHandle.of(Long.parseLong(pid)).ifPresent(DockerLab::kill);
  }

  // ---------------------------------------------------------------- the end

  @Override
  public void close() throws IOException {
    if (client != null) {
      try {
        containers()
            .forEach(each -> client().removeContainerCmd(each.getId()).withForce(true).exec());
      } catch (RuntimeException e) {
        // the engine was killed
      }
      client.close();
      Objects.requireNonNull(http).close();
    }
    processes.reversed().forEach(DockerLab::end);
    // what a killed engine has left: processes with the folder in their command
    for (int attempt = 0; attempt < 3; attempt++) {
      ProcessHandle.allProcesses()
          .filter(each -> each.info().commandLine().orElse("").contains(folder.toString()))
          .forEach(DockerLab::kill);
    }
    run(
        "sh",
        "-c",
        "grep -o '%s[^ ]*' /proc/self/mounts | sort -ru | xargs -r umount -l".formatted(folder));
    run(
        "sh",
        "-c",
        "find /sys/fs/cgroup -depth -type d -path '*%s*' -exec rmdir {} \\;".formatted(cgroup()));
    run("rm", "-rf", folder.toString());
  }

  private static void end(Process process) {
    process.destroy();
    await(process.toHandle());
    kill(process.toHandle());
  }

  private static void kill(ProcessHandle process) {
    process.destroyForcibly();
    await(process);
  }

  private static void await(ProcessHandle process) {
    try {
      process.onExit().get(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // it is killed then
    }
  }

  private static void run(String... words) throws IOException {
    Process process =
        new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    await(process.toHandle());
  }
}
