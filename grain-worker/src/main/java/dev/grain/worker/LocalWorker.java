package dev.grain.worker;

import dev.grain.resource.internal.Detection;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A worker of a {@link LocalCluster}: a child process that ends with this one. */
final class LocalWorker implements AutoCloseable {
  /** What the launcher {@code bin/grain} gives the JVM of a worker. */
  static final List<String> JVM_FLAGS =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-XX:+UseCompactObjectHeaders");

  private static final Pattern READY =
      Pattern.compile("grain-worker \\S+ ready on ([^ ]+:\\d+): .*");

  private final String name;
  private final Process process;
  private final Path log;
  private final Thread drain;
  // set once by awaitReady(), before the worker is seen by others
  private String address = "";

  private LocalWorker(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
    this.drain =
        // a virtual thread that reads from a process keeps its carrier from all others
        Thread.ofPlatform().daemon().name("grain-drain-" + name).unstarted(this::drainOutput);
  }

  /**
   * Starts the process.
   *
   * @param folder for its files
   * @param flags of {@code grain-worker}; they win over those that the cluster gives
   */
  static LocalWorker launch(Path folder, Path key, String name, List<String> flags)
      throws IOException {
    List<String> worker = new ArrayList<>(flags);
    addUnlessGiven(worker, "--cpus", "2");
    addUnlessGiven(worker, "--memory", "256MiB");
    addUnlessGiven(worker, "--cache-dir", folder.resolve("cache").toString());
    worker.addAll(List.of("--name", name, "--key", key.toString()));
    worker.addAll(List.of("--host", "127.0.0.1", "--port", "0"));
    Path log = folder.resolve(name + ".log");
    ProcessBuilder builder = new ProcessBuilder(command(folder, name, worker));
    builder.directory(folder.toFile()).redirectError(log.toFile());
    return new LocalWorker(name, builder.start(), log);
  }

  private static List<String> command(Path folder, String name, List<String> flags)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM_FLAGS);
    command.add("-XX:+UseSerialGC");
    long heap = HeapSize.of(flags.toArray(String[]::new), Detection.memoryLimit());
    command.add("-Xmx" + Math.max(heap >> 10, 64 << 10) + "k");
    command.add("@" + classPathFile(folder, name));
    command.add(LocalWorkerMain.class.getName());
    command.addAll(flags);
    return command;
  }

  private static void addUnlessGiven(List<String> flags, String flag, String value) {
    if (flags.stream().noneMatch(each -> each.equals(flag) || each.startsWith(flag + "="))) {
      flags.addAll(List.of(flag, value));
    }
  }

  /**
   * Writes the class path of this process for another JVM. It may be longer than a command line.
   * The program's own classes are on it, too, but a worker takes those from the program anyway.
   */
  private static Path classPathFile(Path folder, String name) throws IOException {
    String path =
        Stream.of("java.class.path", "jdk.module.path")
            .flatMap(each -> Arrays.stream(System.getProperty(each, "").split(File.pathSeparator)))
            .filter(entry -> !entry.isEmpty())
            .map(entry -> Path.of(entry).toAbsolutePath().toString())
            .collect(Collectors.joining(File.pathSeparator));
    String quoted = path.replace("\\", "\\\\").replace("\"", "\\\"");
    Path file = folder.resolve(name + ".classpath");
    return Files.writeString(file, "-cp \"" + quoted + "\"\n");
  }

  /**
   * Waits until the worker listens.
   *
   * @throws IllegalStateException if it ends instead, or takes longer
   */
  void awaitReady(Duration patience) throws IOException {
    Thread alarm = Thread.ofPlatform().daemon().start(() -> killAfter(patience));
    String line = process.inputReader(StandardCharsets.UTF_8).readLine();
    alarm.interrupt();
    Matcher ready = READY.matcher(String.valueOf(line));
    if (!ready.matches()) {
      close();
      throw new IllegalStateException(
          "Worker %s did not start (exit code %s). It printed: %s"
              .formatted(name, process.exitValue(), log().strip()));
    }
    address = ready.group(1);
    drain.start();
  }

  /** What native code of jobs prints there must not fill the pipe. */
  private void drainOutput() {
    try {
      process.inputReader(StandardCharsets.UTF_8).transferTo(Writer.nullWriter());
    } catch (IOException e) {
      // the process has ended
    }
  }

  /** Has the read of a line of a worker that hangs come to an end. */
  private void killAfter(Duration patience) {
    try {
      Thread.sleep(patience);
      process.destroyForcibly();
    } catch (InterruptedException e) {
      // it is ready, or has ended
    }
  }

  String name() {
    return name;
  }

  String address() {
    return address;
  }

  String log() {
    try {
      return Files.readString(log);
    } catch (NoSuchFileException e) {
      throw new IllegalStateException("The cluster of worker " + name + " is closed", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kills it with all processes that its jobs have started, and waits for their end. */
  @Override
  public void close() {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process.toHandle());
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(each -> each.onExit().join());
  }

  @Override
  public String toString() {
    return name + " at " + address;
  }
}
