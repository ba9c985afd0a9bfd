package dev.grain.worker;

import dev.grain.RunOptions;
import dev.grain.key.ClusterKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A few workers on this machine, each in a process of its own, for tests and for trying things out.
 *
 * <p>They are real workers: the code of a program is shipped to them, arguments and results are
 * encoded, connections are encrypted, and a worker can be killed. They share a key and a cache in a
 * temporary folder, and listen on the loopback address only, on free ports.
 *
 * {@snippet :
 * try (var cluster = LocalCluster.start(2)) {
 *   List<Integer> squares =
 *       Grain.runCombine(() -> Grain.map(cpu(1), Squares::of, List.of(1, 2, 3)), cluster.options());
 *   assertEquals(List.of(1, 4, 9), squares);
 * }
 * }
 *
 * <p>The workers end when the cluster is closed, and also when this process ends without closing
 * it, even if it is killed. Its methods may be called from any thread.
 */
public final class LocalCluster implements AutoCloseable {
  /** How long a worker may take until it is ready. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Path folder;
  private final Path key;
  private final List<LocalWorker> workers;

  private LocalCluster(Path folder, Path key, List<LocalWorker> workers) {
    this.folder = folder;
    this.key = key;
    this.workers = workers;
  }

  /**
   * Starts workers and waits until they are ready. They are named {@code w1}, {@code w2} and so on,
   * and each offers 2 cores and 256 MiB of memory, whatever this machine has, unless the flags set
   * otherwise.
   *
   * @param count how many workers, at least 1
   * @param flags further flags of {@code grain-worker}, the same for each, such as {@code "--cpus",
   *     "4", "--resource", "LICENSE=1"}; {@code grain-worker --help} lists them
   * @throws IllegalArgumentException if the count is less than 1
   * @throws IllegalStateException if a worker does not start; the message has what it printed. No
   *     worker is left then
   * @throws UncheckedIOException if a process or a file cannot be created
   */
  public static LocalCluster start(int count, String... flags) {
    if (count < 1) {
      throw new IllegalArgumentException("A cluster needs at least 1 worker, not " + count);
    }
    try {
      Path folder = Files.createTempDirectory("grain-cluster-");
      Path key = folder.resolve("cluster.key");
      LocalCluster cluster = new LocalCluster(folder, key, new ArrayList<>());
      try {
        ClusterKey.create(key);
        cluster.launch(count, List.of(flags));
        return cluster;
      } catch (IOException | RuntimeException | Error failure) {
        cluster.close();
        throw failure;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void launch(int count, List<String> flags) throws IOException {
    for (int number = 1; number <= count; number++) {
      workers.add(LocalWorker.launch(folder, key, "w" + number, flags));
    }
    for (LocalWorker worker : workers) {
      worker.awaitReady(PATIENCE);
    }
  }

  /**
   * Returns options for a run on these workers: the defaults with their addresses and their key.
   */
  public RunOptions options() {
    return RunOptions.defaults().key(key).workers(addresses());
  }

  /** Returns where the workers listen, as {@code HOST:PORT}, in the order of their names. */
  public List<String> addresses() {
    return workers.stream().map(LocalWorker::address).toList();
  }

  /**
   * Kills a worker, as {@code kill -9} does, and returns when it has ended. Its jobs run again on
   * the other workers. Does nothing if it has ended before.
   *
   * @param name its name, such as {@code w1}
   * @throws IllegalArgumentException if there is no such worker
   */
  public void kill(String name) {
    worker(name).close();
  }

  /**
   * Returns the messages that a worker has logged so far.
   *
   * @param name its name, such as {@code w1}
   * @throws IllegalArgumentException if there is no such worker
   * @throws IllegalStateException if the cluster is closed
   */
  public String log(String name) {
    return worker(name).log();
  }

  private LocalWorker worker(String name) {
    return workers.stream()
        .filter(worker -> worker.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "There is no worker %s. The workers are %s"
                    .formatted(name, workers.stream().map(LocalWorker::name).toList())));
  }

  /** Kills the workers, waits until they have ended, and deletes their files. */
  @Override
  public void close() {
    workers.forEach(LocalWorker::close);
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public String toString() {
    return "LocalCluster" + workers;
  }
}
