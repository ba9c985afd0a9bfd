package dev.grain.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A worker with one core in a process that has nothing of the examples; closing it kills it. */
final class WorkerProcess implements AutoCloseable {
  private static final Pattern READY =
      Pattern.compile("grain-worker \\S+ ready on (\\S+:\\d+): .*");

  /** The prefix of the names of threads that run jobs which hold cores. */
  private static final String JOB_THREAD = "grain-job-";

  private final Process process;
  private final String address;

  private WorkerProcess(Process process, String address) {
    this.process = process;
    this.address = address;
  }

  /**
   * Starts a worker and waits until it listens.
   *
   * @param folder for its key, the code that it is sent, and what it prints as errors; other
   *     workers may use the same
   */
  static WorkerProcess start(String name, Path folder) throws IOException {
    Path errors = folder.resolve(name + ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx300m",
                "-cp",
                classPath(),
                "dev.grain.worker.GrainCommand",
                "worker",
                "--host=127.0.0.1",
                "--port=0",
                "--cpus=1",
                "--memory=256MiB",
                "--name=" + name)
            .redirectError(errors.toFile());
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    // its key and its cache are below these
    builder.environment().put("XDG_CONFIG_HOME", folder.toString());
    builder.environment().put("XDG_CACHE_HOME", folder.toString());
    Process process = builder.start();
    BufferedReader out = process.inputReader();
    String line = out.readLine();
    Matcher ready = READY.matcher(line == null ? "" : line);
    if (!ready.matches()) {
      process.destroyForcibly().onExit().join();
    }
    assertThat(ready.matches()).as("%s, errors: %s", line, Files.readString(errors)).isTrue();
    return new WorkerProcess(process, ready.group(1));
  }

  private static String classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !entry.contains("grain-examples"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Returns where programs can dial it. */
  String address() {
    return address;
  }

  /** Returns whether a job has had a core for some time. */
  boolean isComputing() {
    try (Stream<Path> threads = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
      for (Path thread : threads.toList()) {
        if (Files.readString(thread.resolve("comm")).startsWith(JOB_THREAD)
            && ticks(Files.readString(thread.resolve("stat"))) > 4) {
          return true;
        }
      }
    } catch (IOException e) {
      // a thread, or the process, has just ended, which the kernel tells in more than one way
    }
    return false;
  }

  /** Returns how many hundredths of a second a thread has computed, by the kernel's line on it. */
  private static long ticks(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(fields[11]);
  }

  /** Ends it at once, as {@code kill -9} does. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() {
    kill();
  }

  /** Returns whether threads of other processes can be seen here. */
  static boolean canBeWatched() {
    return List.of("comm", "stat").stream()
        .allMatch(file -> Files.exists(Path.of("/proc/thread-self", file)));
  }
}
