package dev.grain.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archives of the build: unpacked, and used as on a node. */
final class ArchiveIT {
  private static final Pattern READY =
      Pattern.compile(
          "grain-worker (\\S+) ready on (\\S+):(\\d+): 1 core, 64 MiB(, \\d+ GPUs?)?, X 1\\.5"
              + " \\(heap \\S+ MiB\\), enforcing .+");

  private static final List<String> SMALL =
      List.of("--cpus", "1", "--memory", "64MiB", "--resource", "X=1.5", "--name", "n1");

  @TempDir private static Path folder;
  private static Path plain;
  private static Path withRuntime;

  @BeforeAll
  static void unpack() throws Exception {
    Launcher.assumeTools("bash", "tar", "gzip");
    plain = unpack("grain.archive");
    withRuntime = unpack("grain.archive.runtime");
    try (Launcher key = grain(plain, "key", "create")) {
      assertThat(key.exitCode()).as(key.errors()).isZero();
    }
  }

  private static Path unpack(String property) throws Exception {
    String archive = System.getProperty(property);
    assumeTrue(archive != null, "the property " + property + " is set by mvn verify");
    Path into = Files.createDirectories(folder.resolve(property));
    try (Launcher tar =
        Launcher.start(folder, Map.of(), List.of("tar", "-xzf", archive, "-C", into.toString()))) {
      assertThat(tar.exitCode()).as(tar.errors()).isZero();
    }
    try (Stream<Path> roots = Files.list(into)) {
      return roots.toList().getFirst();
    }
  }

  /** Starts a script of an archive; one with a runtime finds no other Java. */
  private static Launcher start(Path archive, String script, List<String> arguments)
      throws IOException {
    return start(archive, "", script, arguments);
  }

  /** Starts a script of an archive with further flags for the JVM of a worker. */
  private static Launcher start(Path archive, String flags, String script, List<String> arguments)
      throws IOException {
    Map<String, String> environment =
        Map.of(
            "JAVA_HOME",
            archive.equals(plain) ? System.getProperty("java.home") : "/nowhere",
            "XDG_CONFIG_HOME",
            folder.resolve("configuration").toString(),
            "XDG_CACHE_HOME",
            folder.resolve("caches").toString(),
            "GRAIN_JAVA_OPTS",
            flags);
    List<String> command = new ArrayList<>();
    command.add(archive.resolve("bin").resolve(script).toString());
    command.addAll(arguments);
    return Launcher.start(folder, environment, command);
  }

  private static Launcher grain(Path archive, String... arguments) throws IOException {
    return start(archive, "grain", List.of(arguments));
  }

  private static Launcher worker(Path archive, String... arguments) throws IOException {
    return start(
        archive, "grain-worker", Stream.concat(SMALL.stream(), Stream.of(arguments)).toList());
  }

  /**
   * Starts a worker of an archive, ends it, and returns whether its own classes came from a cache.
   * It prints what a worker prints, whether or not.
   */
  private static boolean isCacheUsed(Path archive) throws Exception {
    Path log = Files.createTempFile(folder, "classes", ".txt");
    String flags = "-Xlog:class+load:file=" + log;
    List<String> arguments = new ArrayList<>(SMALL);
    arguments.addAll(List.of("--port", "0"));
    try (Launcher worker = start(archive, flags, "grain-worker", arguments)) {
      ready(worker);
      end(worker);
      assertThat(worker.lines()).isEmpty();
      assertThat(worker.errors()).isEmpty();
    }
    return Files.readString(log).contains(" dev.grain.worker.Worker source: shared objects file");
  }

  private static Matcher ready(Launcher worker) throws IOException {
    String line = worker.line();
    assertThat(line).as(worker.errors()).isNotNull().matches(READY);
    Matcher matcher = READY.matcher(line);
    assertThat(matcher.matches()).isTrue();
    return matcher;
  }

  private static void end(Launcher worker) throws Exception {
    worker.signal("TERM");
    assertThat(worker.exitCode()).as(worker.errors()).isZero();
  }

  @Test
  void worker_ofTheArchive_getsReadyAndDrains() throws Exception {
    try (Launcher worker = worker(plain, "--port", "0")) {
      Matcher ready = ready(worker);
      assertThat(ready.group(1)).isEqualTo("n1");
      assertThat(ready.group(2)).isEqualTo(Host.ownName());
      end(worker);
      assertThat(worker.lines()).isEmpty();
      assertThat(worker.errors()).isEmpty();
    }
  }

  @Test
  void worker_ofTheArchiveWithRuntime_runsOnIt() throws Exception {
    try (Launcher jdk = grain(withRuntime, "--jdk")) {
      assertThat(jdk.lines()).containsExactly(withRuntime.resolve("runtime").toString());
    }
    try (Launcher worker = worker(withRuntime, "--port", "0")) {
      ready(worker);
      end(worker);
      assertThat(worker.errors()).isEmpty();
    }
  }

  @Test
  void queues_ofVendors_areInTheArchive() throws Exception {
    for (String address : List.of("redis://127.0.0.1:1/q", "rabbitmq://127.0.0.1:1/q")) {
      try (Launcher stat = grain(withRuntime, "queue", "stat", address)) {
        assertThat(stat.exitCode()).as(stat.errors()).isEqualTo(1);
        assertThat(stat.errors()).contains("cannot be reached").doesNotContain("artifact", "SLF4J");
      }
    }
    try (Stream<Path> extensions = Files.list(withRuntime.resolve("ext"))) {
      assertThat(extensions.map(each -> each.getFileName().toString()))
          .containsExactlyInAnyOrder("google", "kafka", "pulsar", "rabbitmq", "redis");
    }
  }

  @Test
  void minions_ofTheArchive_workOnAFolder_andAreSeen() throws Exception {
    String queue = "file:" + folder.resolve("archive-queue");
    try (Launcher create = grain(plain, "queue", "create", queue, "--range", "0..2")) {
      assertThat(create.exitCode()).as(create.errors()).isZero();
    }
    String reports = folder.resolve("archive-reports").toString();
    List<String> words =
        List.of("minion", "--queue", queue, "--reporter", "json", "--reporter-folder", reports);
    List<String> all = Stream.concat(words.stream(), Stream.of("--", "echo", "hello")).toList();
    try (Launcher minion = start(plain, "grain", all)) {
      assertThat(minion.exitCode()).as(minion.errors()).isZero();
      assertThat(minion.lines()).containsExactly("hello 0", "hello 1", "hello 2");
    }
    try (Launcher status = start(plain, "minion-status", List.of(reports))) {
      assertThat(status.exitCode()).as(status.errors()).isZero();
      assertThat(String.join("\n", status.lines())).contains("3 samples");
    }
    try (Launcher top = start(plain, "mtop", List.of(reports))) {
      // it has no terminal
      assertThat(top.exitCode()).isEqualTo(2);
      assertThat(top.errors()).contains("terminal");
    }
  }

  @Test
  void cacheOfTheArchiveWithRuntime_isUsedWhereItIsUnpacked() throws Exception {
    assertThat(isCacheUsed(withRuntime)).isTrue();
  }

  @Test
  void cache_forTheJavaOfTheMachine_isUsedWhileTheJarsAreTheSame() throws Exception {
    Path picocli;
    try (Stream<Path> jars = Files.list(plain.resolve("lib"))) {
      picocli = jars.filter(jar -> jar.toString().contains("picocli")).findFirst().orElseThrow();
    }
    FileTime time = Files.getLastModifiedTime(picocli);
    assertThat(isCacheUsed(plain)).isFalse();
    try (Launcher cache = grain(plain, "cache")) {
      assertThat(cache.exitCode()).as(cache.errors()).isZero();
    }
    try {
      assertThat(isCacheUsed(plain)).isTrue();
      // older than it was, as a jar that was put in its place might be
      Files.setLastModifiedTime(picocli, FileTime.fromMillis(time.toMillis() - 60_000));
      assertThat(isCacheUsed(plain)).isFalse();
    } finally {
      Files.setLastModifiedTime(picocli, time);
    }
  }

  @Test
  void command_misspelled_namesTheNearest() throws Exception {
    try (Launcher launcher = grain(plain, "wrokers")) {
      assertThat(launcher.exitCode()).isEqualTo(2);
      assertThat(launcher.errors())
          .isEqualTo("grain: there is no command 'wrokers'; did you mean 'workers'?\n");
    }
  }

  @Test
  void port_inUse_isNamed() throws Exception {
    try (Launcher first = worker(plain, "--port", "0", "--host", "localhost")) {
      String port = ready(first).group(3);
      try (Launcher second = worker(plain, "--port", port, "--host", "localhost", "--respawn")) {
        assertThat(second.exitCode()).isEqualTo(ExitCode.PORT.number());
        assertThat(second.errors())
            .startsWith("grain-worker: Cannot listen on localhost:" + port + ": ")
            .hasLineCount(1);
        assertThat(second.lines()).isEmpty();
      }
      end(first);
    }
  }

  @Test
  void workers_areListed_andSilentOnesNamed() throws Exception {
    try (Launcher worker = worker(plain, "--port", "0")) {
      String address = "localhost:" + ready(worker).group(3);
      try (Launcher listing = grain(plain, "workers", address)) {
        assertThat(listing.exitCode()).as(listing.errors()).isZero();
        assertThat(listing.line()).startsWith("NAME  ADDRESS");
        assertThat(listing.line()).startsWith("n1    " + address + "  1 core, 64 MiB");
      }
      String nobody = "localhost:" + Ports.free();
      try (Launcher listing = grain(plain, "workers", nobody, address)) {
        assertThat(listing.exitCode()).isEqualTo(ExitCode.FAILED.number());
        assertThat(listing.lines()).hasSize(2);
        assertThat(listing.errors())
            .startsWith("grain workers: " + nobody + ": Nothing listens at " + nobody + ".")
            .hasLineCount(1);
      }
      end(worker);
    }
  }

  @Test
  void respawn_afterAKill_getsReadyOnTheSamePort() throws Exception {
    String port = Integer.toString(Ports.free());
    try (Launcher parent = worker(plain, "--respawn", "--host", "localhost", "--port", port)) {
      assertThat(ready(parent).group(3)).isEqualTo(port);
      parent.process().children().forEach(ProcessHandle::destroyForcibly);
      assertThat(ready(parent).group(3)).isEqualTo(port);
      end(parent);
      assertThat(parent.errors())
          .endsWith("grain-worker: the worker was killed by SIGKILL; restarting in 1 s.\n");
    }
  }

  @Test
  void key_missing_isNamed() throws Exception {
    Path none = folder.resolve("none.key");
    try (Launcher worker = worker(plain, "--port", "0", "--key", none.toString())) {
      assertThat(worker.exitCode()).isEqualTo(ExitCode.KEY.number());
      assertThat(worker.errors())
          .startsWith("grain-worker: There is no cluster key at " + none)
          .hasLineCount(1);
    }
  }

  @Test
  void cacheFolder_thatCannotBe_isNamed() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    try (Launcher worker =
        worker(plain, "--port", "0", "--cache-dir", file.resolve("cache").toString())) {
      assertThat(worker.exitCode()).isEqualTo(ExitCode.CACHE.number());
      assertThat(worker.errors())
          .startsWith("grain-worker: The cache directory " + file.resolve("cache"))
          .hasLineCount(1);
    }
  }
}
