package dev.grain.worker;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** The process of a {@link LocalWorker}: a worker that ends when its standard input does. */
final class LocalWorkerMain {
  private LocalWorkerMain() {}

  /**
   * Runs the worker.
   *
   * @param flags of {@code grain-worker}
   */
  static void main(String[] flags) {
    InputStream parent = System.in;
    System.setIn(InputStream.nullInputStream());
    Thread.ofPlatform().daemon().name("grain-parent").start(() -> endWith(parent));
    String[] arguments = new String[flags.length + 1];
    arguments[0] = "worker";
    System.arraycopy(flags, 0, arguments, 1, flags.length);
    GrainCommand.main(arguments);
  }

  /**
   * Nothing is ever written to the stream: it ends when the process that holds its other end does.
   */
  private static void endWith(InputStream parent) {
    try {
      parent.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      // the same
    }
    ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
    Runtime.getRuntime().halt(ExitCode.HURRIED.number());
  }
}
