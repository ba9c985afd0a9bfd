package dev.grain.benchmarks;

import dev.grain.benchmarks.bare.BareTls;
import dev.grain.key.ClusterKey;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One system, set up: a head and its workers, each in a JVM of its own on this machine. */
final class Rig implements AutoCloseable {
  /** The heap of each JVM where nothing large goes over. */
  static final String HEAP = "1g";

  /** What a worker offers: two cores, which makes two slots, and memory for small requests. */
  private static final List<String> OFFER = List.of("--cpus", "2", "--memory", "256MiB");

  private final Subject subject;
  private final List<Jvm> workers = new ArrayList<>();
  private final Jvm head;

  private Rig(Subject subject, int workers, Settings settings, Path folder, String heap)
      throws IOException, InterruptedException {
    this.subject = subject;
    Path key = folder.resolve(subject.word() + ".key");
    createKey(key);
    List<String> arguments = new ArrayList<>(List.of(subject.word(), key.toString()));
    for (int i = 0; i < workers; i++) {
      arguments.add(startWorker(key, settings, folder, heap));
    }
    List<String> flags = flags(settings.headFlags(heap));
    head =
        Jvm.start("the head of " + this, flags, HeadMain.class, arguments.toArray(String[]::new));
    head.await("ready");
  }

  /**
   * Sets a system up, and returns when its head is connected with its workers.
   *
   * @param folder where its key and the code that its workers are sent are kept
   * @param heap of each of its JVMs, as the JVM has it in its flags
   */
  static Rig start(Subject subject, int workers, Settings settings, Path folder, String heap)
      throws IOException, InterruptedException {
    return new Rig(subject, workers, settings, folder, heap);
  }

  private void createKey(Path key) throws IOException, InterruptedException {
    switch (subject) {
      case GRAIN_TLS -> ClusterKey.create(key);
      case BARE_TLS, RAW_TLS -> BareTls.createKey(key);
      case GRAIN, GRAIN_JOURNAL, BARE, HAZELCAST, IGNITE, RAW, ONE_THREAD, TWO_THREADS -> {}
    }
  }

  /** Returns the port of the worker. */
  private String startWorker(Path key, Settings settings, Path folder, String heap)
      throws IOException {
    List<String> flags = flags(settings.workerFlags(heap));
    String name = "a worker of " + this;
    return switch (subject) {
      case GRAIN, GRAIN_JOURNAL -> grainWorker(name, flags, folder, "--insecure");
      case GRAIN_TLS -> grainWorker(name, flags, folder, "--key", key.toString());
      case BARE, BARE_TLS, HAZELCAST, IGNITE, RAW, RAW_TLS ->
          started(Jvm.start(name, flags, WorkerMain.class, subject.word(), key.toString()))
              .await("ready");
      case ONE_THREAD, TWO_THREADS -> throw new IllegalStateException(this + " has no workers");
    };
  }

  private List<String> flags(List<String> common) {
    List<String> flags = new ArrayList<>(common);
    flags.addAll(subject.flags());
    return flags;
  }

  private String grainWorker(String name, List<String> flags, Path folder, String... security)
      throws IOException {
    List<String> arguments = new ArrayList<>(List.of("dev.grain.worker.GrainCommand", "worker"));
    arguments.addAll(List.of("--host", "127.0.0.1", "--port", "0"));
    arguments.addAll(List.of("--cache-dir", folder.resolve("cache").toString()));
    arguments.addAll(OFFER);
    arguments.addAll(List.of(security));
    Jvm worker = started(Jvm.start(name, flags, Tether.class, arguments.toArray(String[]::new)));
    String line = worker.await("grain-worker");
    return line.replaceFirst(".* ready on 127\\.0\\.0\\.1:(\\d+): .*", "$1");
  }

  private Jvm started(Jvm worker) {
    workers.add(worker);
    return worker;
  }

  Subject subject() {
    return subject;
  }

  Jvm head() {
    return head;
  }

  /** Returns how long the JVMs of the workers have computed so far. */
  Duration workersCpu() {
    return workers.stream().map(Jvm::cpu).reduce(Duration.ZERO, Duration::plus);
  }

  @Override
  public void close() {
    head.close();
    workers.forEach(Jvm::close);
  }

  @Override
  public String toString() {
    return subject.word();
  }
}
