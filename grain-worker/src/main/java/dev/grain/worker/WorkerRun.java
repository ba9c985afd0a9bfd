package dev.grain.worker;

import dev.grain.key.Security;
import dev.grain.node.call.ThreadJobRunner;
import dev.grain.node.confine.Enforcement;
import dev.grain.node.confine.NotEnforceableException;
import dev.grain.node.confine.ThreadPins;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import org.jspecify.annotations.Nullable;

/** The life of a worker's process, from its options to its exit code. */
final class WorkerRun {
  private static final System.Logger LOG = System.getLogger("dev.grain.worker");

  private final WorkerOptions options;
  // those of the process: jobs get others
  private final PrintStream out = System.out;
  private final PrintStream err = System.err;

  private WorkerRun(WorkerOptions options) {
    this.options = options;
  }

  /** Runs a worker until it has drained, and returns the exit code. */
  static int run(WorkerOptions options) throws InterruptedException {
    WorkerRun run = new WorkerRun(options);
    try {
      Logging.configure(options.log());
    } catch (IOException e) {
      return run.fail(
          ExitCode.USAGE,
          "--log-file %s cannot be written: %s".formatted(options.log().file(), e.getMessage()));
    }
    return run.run();
  }

  private int run() throws InterruptedException {
    if (options.insecure()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "--insecure: anyone who can reach the port of this worker can run code here.");
    }
    Security security;
    try {
      security = Keys.security(options.key(), options.insecure());
    } catch (IOException e) {
      return fail(ExitCode.KEY, e.getMessage());
    }
    try {
      Files.createDirectories(options.cacheFolder());
    } catch (IOException e) {
      return fail(
          ExitCode.CACHE,
          "The cache directory %s cannot be created (%s). Name another one by --cache-dir."
              .formatted(options.cacheFolder(), e));
    }
    try (Enforcement enforcement = Enforcement.open(options.enforcement())) {
      ThreadPins pins = options.pin() ? ThreadPins.of(ThreadJobRunner.THREADS) : null;
      try (Worker worker = Worker.start(options, security, enforcement, pins)) {
        return live(worker, enforcement);
      } catch (IOException e) {
        return fail(ExitCode.PORT, e.getMessage());
      }
    } catch (NotEnforceableException e) {
      return fail(ExitCode.ENFORCEMENT, e.getMessage());
    }
  }

  private int live(Worker worker, Enforcement enforcement) throws InterruptedException {
    try (ExitGuard _ = ExitGuard.install(err)) {
      worker.onUncaught(new LastResort(err, worker::onOutOfMemory));
      Signals.onEnd(worker::drain, WorkerRun::hurry);
      out.println(
          ReadyLine.of(
              options,
              worker.address().orElse(null),
              Host.ownName(),
              Runtime.getRuntime().maxMemory(),
              enforcement));
      worker.prepare();
      return worker.awaitEnd().number();
    }
  }

  private static void hurry() {
    Runtime.getRuntime().halt(ExitCode.HURRIED.number());
  }

  private int fail(ExitCode code, @Nullable String sentence) {
    err.println("grain-worker: " + sentence);
    return code.number();
  }
}
