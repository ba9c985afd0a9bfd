package dev.grain.node.process;

import dev.grain.concurrent.Uninterruptibly;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that watches all commands: passes on what they print, sends them signals, measures
 * what they use, and sees to it that nothing of them is left. It ends when there is no command.
 *
 * <p>Implementation note: the JDK would have a thread for each pipe, and pipes that a grandchild
 * keeps open do not end; so commands print into files, which are read as they grow.
 */
final class CommandWatch implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(CommandWatch.class.getName());

  /** How long output waits at most; the wait grows to that while nothing is printed. */
  private static final long LONGEST_WAIT = TimeUnit.MILLISECONDS.toNanos(20);

  private static final long SHORTEST_WAIT = TimeUnit.MICROSECONDS.toNanos(200);
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);
  private static final long BETWEEN_SAMPLES = TimeUnit.MILLISECONDS.toNanos(200);

  private final Queue<CommandProcess> arriving = new ConcurrentLinkedQueue<>();
  // only accessed by the thread
  private final List<CommandProcess> active = new ArrayList<>();
  private long sampled = System.nanoTime();
  // all guarded by this
  private @Nullable Thread thread;
  private boolean closed;

  /** Watches a process from now on. */
  void add(CommandProcess process) {
    arriving.add(process);
    synchronized (this) {
      if (closed) {
        process.kill();
      }
      if (thread == null) {
        thread = Thread.ofPlatform().daemon().name("grain-commands").start(this::run);
      }
    }
    wake();
  }

  /** Something has happened to a process; for any thread. */
  synchronized void wake() {
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }

  /** Kills all, and waits until they have ended, or a while if the system does not end one. */
  @Override
  public void close() {
    Thread running;
    synchronized (this) {
      closed = true;
      running = thread;
    }
    if (running != null) {
      LockSupport.unpark(running);
      Uninterruptibly.await(PATIENCE, left -> running.join(Duration.ofNanos(Math.max(0, left))));
    }
  }

  private void run() {
    long wait = SHORTEST_WAIT;
    while (take()) {
      boolean busy = pass();
      wait = busy ? SHORTEST_WAIT : Math.min(2 * wait, LONGEST_WAIT);
      if (!busy) {
        LockSupport.parkNanos(this, wait);
      }
    }
  }

  /** Takes those that have arrived, and returns whether there are any; if not, this was the end. */
  private boolean take() {
    for (CommandProcess next = arriving.poll(); next != null; next = arriving.poll()) {
      active.add(next);
    }
    if (!active.isEmpty()) {
      return true;
    }
    synchronized (this) {
      if (arriving.isEmpty()) {
        thread = null;
        return false;
      }
    }
    return true;
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /** Looks after each once, and returns whether one of them has printed something. */
  private boolean pass() {
    if (isClosed()) {
      active.forEach(CommandProcess::kill);
    }
    boolean busy = false;
    for (CommandProcess each : active) {
      busy |= attend(each);
    }
    boolean sample = System.nanoTime() - sampled >= BETWEEN_SAMPLES;
    if (sample || active.stream().anyMatch(CommandProcess::needsTable)) {
      ProcessTable table = ProcessTable.read();
      if (sample) {
        active.forEach(each -> each.sample(table));
        sampled = System.nanoTime();
      }
      active.removeIf(each -> each.isOver(table));
    }
    return busy;
  }

  @SuppressWarnings("CatchThrowable") // one command must not end the watch over the others
  private static boolean attend(CommandProcess process) {
    try {
      return process.attend();
    } catch (Throwable e) {
      LOG.log(System.Logger.Level.ERROR, "A command could not be attended to", e);
      process.fail(e);
      return false;
    }
  }
}
