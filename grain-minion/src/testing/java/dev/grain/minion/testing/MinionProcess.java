package dev.grain.minion.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A minion in a process of its own, which calls {@link MinionItems}. */
final class MinionProcess implements AutoCloseable {
  private final Process process;
  private final Path errors;

  private MinionProcess(Process process, Path errors) {
    this.process = process;
    this.errors = errors;
  }

  /**
   * Starts one.
   *
   * @param folder where its files are
   * @param number tells it from the others
   */
  static MinionProcess start(String queue, Path folder, int parallel, int number)
      throws IOException {
    Path errors = folder.resolve("errors-" + number);
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            MinionMain.class.getName(),
            queue,
            Integer.toString(parallel));
    builder.environment().put(MinionItems.FOLDER, folder.toString());
    builder.redirectError(errors.toFile()).redirectOutput(ProcessBuilder.Redirect.DISCARD);
    Process process = builder.start();
    process.getOutputStream().close();
    return new MinionProcess(process, errors);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Asks it to end, as SIGTERM does. */
  void terminate() {
    process.destroy();
  }

  int exitCode() throws InterruptedException {
    return process.waitFor();
  }

  String errors() throws IOException {
    return Files.readString(errors);
  }

  /** Kills it, and waits for its end. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
