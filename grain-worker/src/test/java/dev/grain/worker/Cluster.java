package dev.grain.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.RunOptions;
import dev.grain.key.ClusterKey;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Worker processes on this machine that have a key and a cache in common, and nothing of the tests
 * on their class path. Closing it kills what is left of them.
 */
final class Cluster implements AutoCloseable {
  private static final Pattern OF_TESTS =
      Pattern.compile(
          ".*(test-classes|junit|assertj|byte-buddy|opentest4j|apiguardian|surefire).*");

  private final Path folder;
  private final Path key;
  private final List<String> flags;
  // of the workers, beside that of the tests; set before they are started
  private Map<String, String> environment = Map.of();
  private final List<WorkerProcess> started = Collections.synchronizedList(new ArrayList<>());

  /** Makes a cluster without workers, with what it needs in an existing folder. */
  Cluster(Path folder) throws IOException {
    this(folder, "512m");
  }

  /**
   * Makes a cluster whose workers have that much heap.
   *
   * @param flags further ones of their JVMs
   */
  Cluster(Path folder, String heap, String... flags) throws IOException {
    // small JVMs start faster with it
    this(
        folder,
        Stream.concat(Stream.of("-Xmx" + heap, "-XX:+UseSerialGC"), Stream.of(flags)).toList());
  }

  private Cluster(Path folder, List<String> flags) throws IOException {
    this.folder = folder;
    this.flags = flags;
    this.key = Files.createTempDirectory(folder, "key").resolve("cluster.key");
    ClusterKey.create(key);
  }

  /**
   * Makes a cluster whose workers have 3 GiB of heap, and room in it for two values of 1 GiB: the
   * serial collector's old generation, two thirds of a heap, is too small for these.
   */
  static Cluster ofLargeWorkers(Path folder) throws IOException {
    return new Cluster(folder, List.of("-Xmx3g", "-XX:+UseG1GC"));
  }

  Path key() {
    return key;
  }

  /** Sets environment variables of the workers that are started from now on. */
  Cluster with(Map<String, String> variables) {
    environment = variables;
    return this;
  }

  /**
   * Starts a worker on a free port of the loopback and waits until it is ready.
   *
   * @param flags further ones; of two for the same setting, the last counts
   */
  WorkerProcess start(String... flags) throws IOException {
    return start(0, flags);
  }

  /** Starts a worker on that port; see {@link #start(String...)}. */
  WorkerProcess start(int port, String... flags) throws IOException {
    return launch(
        List.of(),
        Stream.concat(
            Stream.of("--host", "127.0.0.1", "--port", Integer.toString(port), "--key", "" + key),
            Stream.of(flags)));
  }

  /** Starts a worker that dials a head and does not listen. */
  WorkerProcess startDialing(String head, String... flags) throws IOException {
    return launch(
        List.of(),
        Stream.concat(Stream.of("--head", head, "--key", key.toString()), Stream.of(flags)));
  }

  /** Starts a worker that talks plain text. */
  WorkerProcess startInsecure() throws IOException {
    return launch(List.of(), Stream.of("--host", "127.0.0.1", "--port", "0", "--insecure"));
  }

  /**
   * Starts a worker elsewhere on this machine, on port 4242 of an address there.
   *
   * @param inside what stands before a command that is to run there
   */
  WorkerProcess startInside(List<String> inside, String host) throws IOException {
    return launch(inside, Stream.of("--host", host, "--port", "4242", "--key", "" + key));
  }

  private WorkerProcess launch(List<String> inside, Stream<String> flags) throws IOException {
    List<String> command = new ArrayList<>(inside);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(LocalWorker.JVM_FLAGS);
    command.addAll(this.flags);
    command.addAll(List.of("-cp", workerClassPath(), GrainCommand.class.getName(), "worker"));
    command.add("--check");
    List<String> given = flags.toList();
    command.addAll(given);
    usually(given, command, "--memory", "64MiB");
    usually(given, command, "--cpus", "2");
    usually(given, command, "--cache-dir", folder.resolve("cache").toString());
    WorkerProcess worker = new WorkerProcess(Launcher.start(folder, environment, command));
    started.add(worker);
    worker.awaitReady();
    return worker;
  }

  private static void usually(List<String> given, List<String> command, String flag, String value) {
    if (!given.contains(flag)) {
      command.addAll(List.of(flag, value));
    }
  }

  /** Returns the workers that live. */
  List<WorkerProcess> living() {
    return List.copyOf(started).stream().filter(WorkerProcess::isAlive).toList();
  }

  static String workerClassPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !OF_TESTS.matcher(entry).matches())
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Returns options with the key of the cluster, of a run that shows nothing. */
  RunOptions options() {
    return RunOptions.defaults().key(key).progress(false).echo(false);
  }

  /** Returns options of a run over these workers. */
  RunOptions over(WorkerProcess... workers) {
    return options().workers(Stream.of(workers).map(WorkerProcess::address).toList());
  }

  /** Lets the test fail if a worker has logged a warning or an error. */
  void assertNoComplaint() throws IOException {
    assertNoComplaintBut("--cpus offers ");
  }

  /** Lets the test fail if a worker has logged a warning or an error without one of these texts. */
  void assertNoComplaintBut(String... expected) throws IOException {
    for (WorkerProcess worker : List.copyOf(started)) {
      assertThat(
              worker
                  .errors()
                  .lines()
                  .filter(line -> !line.contains(" INFO ") && !line.contains("--cpus offers "))
                  .filter(line -> !line.isBlank())
                  .filter(line -> Stream.of(expected).noneMatch(line::contains)))
          .as("log of " + worker)
          .isEmpty();
    }
  }

  @Override
  public void close() {
    List.copyOf(started).forEach(WorkerProcess::close);
  }
}
