package dev.grain.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A worker that its launcher has started, until it is closed. */
final class RunningWorker implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;
  private final String address;
  private final Thread hook;

  private RunningWorker(Process process) throws IOException {
    this.process = process;
    this.hook = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(hook);
    this.output = process.inputReader();
    String ready = Unpacked.await(output, "grain-worker w ready on ");
    this.address = ready.substring(0, ready.indexOf(": "));
  }

  /** Starts one, which keeps the code of programs in that folder, and waits until it is ready. */
  static RunningWorker start(Unpacked grain, Path cache) throws IOException {
    List<String> command = new ArrayList<>(grain.worker("w"));
    command.addAll(List.of("--cache-dir", cache.toString()));
    return new RunningWorker(grain.start(command));
  }

  String address() {
    return address;
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly().onExit().join();
    output.close();
    Runtime.getRuntime().removeShutdownHook(hook);
  }
}
