package dev.grain.service;

import dev.grain.cli.ThisProgram;
import dev.grain.wire.Address;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The worker on the machine of a head that is there for its user alone: a process beside that of
 * the head, which is started again if it dies, and ends with the head. If the head is killed, the
 * worker goes on with its jobs, and the next life of the head has it again.
 */
final class WorkerBeside implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.grain.head");

  private static final String LOG_FILE = "worker.log";

  /** The process, when it was started, and the address that it dials, in a line each. */
  private static final String PROCESS_FILE = "worker.pid";

  /** How long its jobs may take to end when it is stopped. */
  private static final int DRAIN_SECONDS = 10;

  private final Path data;
  private final Address head;
  private final @Nullable Path key;

  // all guarded by this
  private @Nullable ProcessHandle process;
  private boolean closed;

  private WorkerBeside(Path data, Address head, @Nullable Path key) {
    this.data = data;
    this.head = head;
    this.key = key;
  }

  /**
   * Starts the worker, unless that of an earlier life is still there and dials this head.
   *
   * @param data the folder of the head, for its log
   * @param head where it dials the head
   * @param key the file of the cluster key; null for that of the user
   * @throws IOException if it cannot be started
   */
  static WorkerBeside start(Path data, Address head, @Nullable Path key) throws IOException {
    WorkerBeside worker = new WorkerBeside(data, head, key);
    Optional<Earlier> earlier = earlier(data);
    if (earlier.isPresent() && earlier.get().head().equals(head)) {
      worker.watch(earlier.get().process());
    } else {
      earlier.ifPresent(each -> end(each.process()));
      worker.startProcess();
    }
    return worker;
  }

  /** A worker of an earlier life of the head, which was killed. */
  private record Earlier(ProcessHandle process, Address head) {}

  private static Optional<Earlier> earlier(Path data) throws IOException {
    List<String> lines;
    try {
      lines = Files.readAllLines(data.resolve(PROCESS_FILE));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    if (lines.size() != 3 || !lines.getFirst().matches("\\d{1,18}")) {
      // the head was killed while it wrote
      return Optional.empty();
    }
    return ProcessHandle.of(Long.parseLong(lines.getFirst()))
        .filter(each -> started(each).equals(lines.get(1)))
        .map(each -> new Earlier(each, Address.parse(lines.get(2))));
  }

  /**
   * Returns where the worker dials that has survived the head with this folder; empty if there is
   * none.
   */
  static Optional<Address> dials(Path data) {
    try {
      return earlier(data).map(Earlier::head);
    } catch (IOException e) {
      // to start the worker says it
      return Optional.empty();
    }
  }

  /** Tells two processes apart that have had the same number. */
  private static String started(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toString).orElse("");
  }

  private synchronized void startProcess() throws IOException {
    if (closed) {
      return;
    }
    File log = data.resolve(LOG_FILE).toFile();
    List<String> words = new ArrayList<>(List.of("worker", "--head", head.toString()));
    words.addAll(List.of("--drain", DRAIN_SECONDS + "s"));
    if (key != null) {
      words.addAll(List.of("--key", key.toString()));
    }
    Process started =
        ThisProgram.apart(words.toArray(String[]::new))
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
            .redirectError(ProcessBuilder.Redirect.appendTo(log))
            .start();
    started.getOutputStream().close();
    Files.writeString(
        data.resolve(PROCESS_FILE),
        "%s\n%s\n%s\n".formatted(started.pid(), started(started.toHandle()), head));
    watch(started.toHandle());
  }

  private synchronized void watch(ProcessHandle watched) {
    process = watched;
    // one that cannot start is not started in a loop
    Executor later = CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS);
    var _ = watched.onExit().thenRunAsync(this::startAgain, later);
  }

  private void startAgain() {
    synchronized (this) {
      if (closed) {
        return;
      }
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "The worker of this machine has ended, and is started again; why it did is at the end of {0}",
        data.resolve(LOG_FILE));
    try {
      startProcess();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.ERROR, "The worker of this machine cannot be started", e);
    }
  }

  private static void end(ProcessHandle process) {
    process.destroy();
    try {
      process.onExit().completeOnTimeout(process, DRAIN_SECONDS + 10L, TimeUnit.SECONDS).join();
    } finally {
      process.destroyForcibly();
    }
  }

  /**
   * Ends the worker: jobs that it runs have a while to end, and go back to the queue after that.
   */
  @Override
  public void close() throws IOException {
    ProcessHandle running;
    synchronized (this) {
      closed = true;
      running = process;
    }
    if (running != null) {
      end(running);
    }
    Files.deleteIfExists(data.resolve(PROCESS_FILE));
  }
}
