package dev.grain.node.process;

import dev.grain.concurrent.Uninterruptibly;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that watches all commands: passes on what they print, sends them signals, measures
 * what they use, and sees to it that nothing of them is left. It ends when there is no command.
 *
 * <p>Implementation note: the JDK would have a thread for each pipe, and pipes that a grandchild
 * keeps open do not end; so commands print into files, which are read as they grow.
 */
@SuppressWarnings("CatchThrowable") // one command must not end the watch over the others
final class CommandWatch implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(CommandWatch.class.getName());

  /** How long it stays when there is no command, as the next one may come soon. */
  private static final long IDLE = TimeUnit.SECONDS.toNanos(5);

  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);
  private static final long SOON = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long AFTER_PROBLEM = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int AT_ONCE = 64 * 1024;
  private static final long BETWEEN_SAMPLES = TimeUnit.MILLISECONDS.toNanos(200);

  private final Children children;
  private final Queue<CommandProcess> arriving = new ConcurrentLinkedQueue<>();
  // set by the thread, read by those that start processes
  private volatile boolean idle;
  // all only accessed by the thread
  private final List<CommandProcess> active = new ArrayList<>();
  private final ByteBuffer buffer = ByteBuffer.allocate(AT_ONCE);
  private long sampled = System.nanoTime();
  // all guarded by this
  private @Nullable Thread thread;
  private int expected;
  private boolean closed;

  CommandWatch(Children children) {
    this.children = children;
  }

  /**
   * Gets ready for a process that is about to be started, so that none runs which cannot be
   * watched. {@link #add} or {@link #forget} has to follow.
   *
   * @throws IOException if this is closed, or there is no thread to be had
   */
  synchronized void expect() throws IOException {
    if (closed) {
      throw new IOException("the worker is ending");
    }
    if (thread == null) {
      try {
        thread = Thread.ofPlatform().daemon().name("grain-commands").start(this::run);
      } catch (OutOfMemoryError e) {
        throw new IOException("no thread could be started to watch it: " + e.getMessage(), e);
      }
    }
    expected++;
  }

  /** There will be no such process, as it could not be started. */
  void forget() {
    synchronized (this) {
      expected--;
    }
    children.wake();
  }

  /** Watches a process from now on that was expected. */
  void add(CommandProcess process) {
    arriving.add(process);
    synchronized (this) {
      expected--;
      if (closed) {
        process.kill();
      }
    }
    // one that does other things will find it in time
    if (idle) {
      children.wake();
    }
    children.watch(process.process());
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
      children.wake();
      Uninterruptibly.await(PATIENCE, left -> running.join(Duration.ofNanos(Math.max(0, left))));
    }
  }

  /** Returns whether nothing is left of all commands. */
  synchronized boolean isOver() {
    return thread == null && arriving.isEmpty();
  }

  private void run() {
    boolean open = true;
    while (open && take()) {
      long next = pass();
      open = active.isEmpty() || children.await(next - System.nanoTime());
    }
  }

  /** Takes those that have arrived, and returns whether there are any; if not, this was the end. */
  private boolean take() {
    takeArriving();
    long until = System.nanoTime() + IDLE;
    for (long left = IDLE;
        left > 0 && active.isEmpty() && !mayEnd();
        left = until - System.nanoTime()) {
      idle = true;
      boolean open = !arriving.isEmpty() || children.await(left);
      idle = false;
      if (!open) {
        return false;
      }
      takeArriving();
    }
    if (!active.isEmpty()) {
      return true;
    }
    synchronized (this) {
      if (arriving.isEmpty() && expected == 0) {
        thread = null;
        return false;
      }
    }
    return true;
  }

  private void takeArriving() {
    for (CommandProcess next = arriving.poll(); next != null; next = arriving.poll()) {
      active.add(next);
    }
  }

  private synchronized boolean mayEnd() {
    return closed && expected == 0;
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /** Looks after each once, and returns when the next time for that is. */
  private long pass() {
    if (isClosed()) {
      active.forEach(CommandProcess::kill);
    }
    long next = sampled + BETWEEN_SAMPLES;
    for (CommandProcess each : active) {
      long its = attend(each);
      next = its - next < 0 ? its : next;
    }
    boolean sample = mustSample();
    if (sample || active.stream().anyMatch(CommandProcess::needsTable)) {
      ProcessTable table = sample ? ProcessTable.read() : ofDescendants();
      if (sample) {
        active.forEach(each -> sample(each, table));
        sampled = System.nanoTime();
      }
      active.removeIf(each -> isOver(each, table));
    }
    return next;
  }

  /** Returns whether it is time to measure them; those that end soon are not worth it. */
  private boolean mustSample() {
    long now = System.nanoTime();
    if (now - sampled < BETWEEN_SAMPLES) {
      return false;
    }
    if (active.stream().allMatch(each -> now - each.startedAt() < SOON)) {
      sampled = now - BETWEEN_SAMPLES + SOON;
      return false;
    }
    return true;
  }

  /** Returns a table with what those that have ended have left behind. */
  private ProcessTable ofDescendants() {
    LongSummaryStatistics pids = new LongSummaryStatistics();
    Set<Long> others = new HashSet<>();
    long age = 0;
    for (CommandProcess each : active) {
      if (each.needsTable()) {
        pids.accept(each.process().pid());
        age = Math.max(age, System.nanoTime() - each.startedAt());
      } else if (each.process().isAlive()) {
        others.add(each.process().pid());
      }
    }
    return ProcessTable.ofDescendants(pids, age, others);
  }

  private long attend(CommandProcess process) {
    try {
      return process.attend(buffer);
    } catch (Throwable e) {
      fail(process, e);
      return System.nanoTime() + AFTER_PROBLEM;
    }
  }

  private static void sample(CommandProcess process, ProcessTable table) {
    try {
      process.sample(table);
    } catch (Throwable e) {
      fail(process, e);
    }
  }

  /** Returns whether it has ended; one with a problem is looked at again. */
  private boolean isOver(CommandProcess process, ProcessTable table) {
    try {
      return process.isOver(table, buffer);
    } catch (Throwable e) {
      fail(process, e);
      return false;
    }
  }

  private static void fail(CommandProcess process, Throwable e) {
    process.fail(e);
    LOG.log(System.Logger.Level.ERROR, "A command could not be attended to", e);
  }
}
