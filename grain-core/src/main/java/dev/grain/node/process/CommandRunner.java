package dev.grain.node.process;

import dev.grain.Allocation;
import dev.grain.code.Codec;
import dev.grain.concurrent.Uninterruptibly;
import dev.grain.folder.ProcessFolder;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Order;
import dev.grain.node.JobRunner;
import dev.grain.node.confine.Enforcement;
import dev.grain.node.prepare.Ready;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Runs commands, each in a session of processes of its own. A few threads start processes and
 * encode how they ended; one more watches all of them.
 *
 * <p>For as long as a process of a command lives, so does its job: when the program that was
 * started ends by itself, what it has left behind is killed.
 */
public final class CommandRunner implements JobRunner, AutoCloseable {
  private static final long IDLE_SECONDS = 5;

  private final Codec codec;
  private final long resultLimit;
  private final Echo echo;
  private final boolean sharesProcess;
  private final Enforcement enforcement;

  /**
   * The beginning of a variable in the environment of commands, by which their processes are found
   * wherever they have gone. Its name is this runner's own, as a command may run others.
   */
  private final String marks =
      "GRAIN_PROCESS_" + UUID.randomUUID().toString().replace("-", "") + "=";

  private final AtomicLong last = new AtomicLong();
  private final Children children = Children.open();
  private final CommandWatch watch = new CommandWatch(children);
  private final ThreadPoolExecutor threads;

  /** Where a thread of this runner finds what it does next, when a command starts another one. */
  private final ScopedValue<Next> next = ScopedValue.newInstance();

  /** If this process and the watchdog are killed, another process removes it. */
  private final ProcessFolder files =
      ProcessFolder.temporary(Path.of(System.getProperty("java.io.tmpdir")), "grain-commands-");

  // all guarded by this
  private boolean opened;
  private @Nullable Watchdog watchdog;
  private boolean closed;

  /** What a thread does when it is done with something, so that it need not wake another one. */
  private static final class Next {
    // only accessed by the thread
    private @Nullable Runnable task;
  }

  /** Where this process shows what commands print, besides reporting it. */
  @FunctionalInterface
  public interface Echo {
    /** Shows nothing. */
    Echo NONE = (_, _, _) -> {};

    /** Shows what the attempt of an order has printed. */
    void print(Order order, byte[] text, boolean error);
  }

  /**
   * Makes a runner without threads and processes.
   *
   * @param codec encodes results and failures
   * @param resultLimit how many bytes a result may take
   * @param sharesProcess whether the program itself runs in this process
   * @param enforcement keeps commands to what they hold; to be closed after this
   */
  public CommandRunner(
      Codec codec, long resultLimit, boolean sharesProcess, Echo echo, Enforcement enforcement) {
    this.codec = codec;
    this.resultLimit = resultLimit;
    this.sharesProcess = sharesProcess;
    this.echo = echo;
    this.enforcement = enforcement;
    int cores = Math.max(2, Runtime.getRuntime().availableProcessors());
    this.threads =
        new ThreadPoolExecutor(
            cores,
            cores,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("grain-commands-", 1).factory());
    threads.allowCoreThreadTimeOut(true);
  }

  @Override
  public Running start(Order order, Allocation allocation, Ready ready, Events events) {
    CommandProcess process =
        new CommandProcess(this, last.incrementAndGet(), order, allocation, ready, events);
    try {
      Next mine = next.isBound() ? next.get() : null;
      if (mine != null && mine.task == null) {
        mine.task = process::begin;
      } else {
        execute(process::begin);
      }
    } catch (RuntimeException | OutOfMemoryError e) {
      events.notRun(unable("no thread could be started for it: " + e.getMessage()));
    }
    return process;
  }

  /** Returns the end of a command that this machine could not start, though another one may. */
  AttemptEnd unable(String reason) {
    // the program's own process has no other worker that could do better
    return sharesProcess
        ? new AttemptEnd.NotStarted("could not start its program: " + reason)
        : new AttemptEnd.Unable(reason);
  }

  /** Returns the end of a command that cannot be started. */
  AttemptEnd impossible(NotPossible why) {
    String reason = "could not start its program: " + why.reason();
    return why.isOfThisNode() && !sharesProcess
        ? new AttemptEnd.Unprepared(why.reason())
        : new AttemptEnd.NotStarted(reason);
  }

  Codec codec() {
    return codec;
  }

  long resultLimit() {
    return resultLimit;
  }

  Echo echo() {
    return echo;
  }

  Children children() {
    return children;
  }

  Enforcement enforcement() {
    return enforcement;
  }

  CommandWatch watch() {
    return watch;
  }

  /** Does something with a command, on a thread that may wait. */
  void execute(Runnable task) {
    threads.execute(() -> doAll(task));
  }

  private void doAll(Runnable first) {
    Runnable task = first;
    while (task != null) {
      Next after = new Next();
      ScopedValue.where(next, after).run(task);
      task = after.task;
    }
  }

  /**
   * Returns the variable that marks the processes of a command, {@code NAME=value}.
   *
   * @param number distinguishes the commands of this runner
   */
  String mark(long number) {
    return marks + number;
  }

  /**
   * Returns the folder for the files of commands; the first call also starts what ends all
   * processes if this one is killed.
   */
  synchronized Path folder() throws IOException {
    if (closed) {
      throw new IOException("the worker is ending");
    }
    if (!opened) {
      Path made = files.open();
      try {
        watchdog =
            ProcessTable.isAvailable() ? Watchdog.start(marks, made, enforcement.groups()) : null;
        opened = true;
      } finally {
        if (!opened) {
          files.close();
        }
      }
    }
    return files.path();
  }

  /** Kills what still runs, and removes all files. */
  @Override
  public void close() {
    watch.close();
    threads.shutdown();
    Uninterruptibly.await(
        TimeUnit.SECONDS.toNanos(IDLE_SECONDS),
        left -> threads.awaitTermination(left, TimeUnit.NANOSECONDS));
    synchronized (this) {
      closed = true;
      if (watchdog != null) {
        watchdog.close(threads.isTerminated() && watch.isOver());
      }
      if (opened) {
        opened = false;
        files.close();
      }
    }
    children.close();
  }
}
