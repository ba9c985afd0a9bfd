package dev.grain.node.isolated;

import dev.grain.IsolatedJvmException;
import dev.grain.bytes.Bytes;
import dev.grain.code.Codec;
import dev.grain.code.bundle.BundleStore;
import dev.grain.loop.Loop;
import dev.grain.message.AttemptEnd;
import dev.grain.node.call.OwnCode;
import dev.grain.node.confine.Enforcement;
import dev.grain.node.isolated.IsolatedRunner.HandOver;
import dev.grain.node.process.CommandRunner.Echo;
import dev.grain.text.Exceptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The JVMs of a node for isolated calls, as processes and in containers. One that is idle is used
 * again by a job of the same run with the same code, isolation, memory and number of cores. There
 * are not more idle ones than this machine has processors, and one that was idle for a minute is
 * ended. Safe for all threads.
 */
public final class IsolatedJvms implements AutoCloseable {
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final Loop loop;
  private final Codec codec;
  private final long resultLimit;
  private final boolean sharesProcess;
  private final Echo echo;
  private final JvmLauncher processes;
  private final JvmLauncher containers;
  private final long idleNanos;
  private final int mostIdle = Math.max(2, Runtime.getRuntime().availableProcessors());

  // the class path of this process; set by any thread
  private volatile @Nullable List<Path> ownFiles;

  // all guarded by this
  private final Map<JvmKind, Deque<ChildJvm>> idleByKind = new HashMap<>();
  // the one that became idle first is the first
  private final SequencedSet<ChildJvm> idle = new LinkedHashSet<>();
  private final Set<ChildJvm> living = new LinkedHashSet<>();
  private boolean sweeps;
  private boolean closed;
  private int last;

  /**
   * Makes a node's JVMs, of which there are none.
   *
   * @param codec encodes failures
   * @param resultLimit how many bytes a result may take
   * @param sharesProcess whether the program itself runs in this process
   * @param echo where this process shows what jobs print, besides reporting it
   * @param enforcement limits the JVMs to what their jobs hold; to be closed after this
   * @param containers starts those in containers; to be closed after this
   */
  public IsolatedJvms(
      Loop loop,
      Codec codec,
      long resultLimit,
      boolean sharesProcess,
      Echo echo,
      Enforcement enforcement,
      JvmLauncher containers) {
    this(loop, codec, resultLimit, sharesProcess, echo, enforcement, containers, IDLE_NANOS);
  }

  IsolatedJvms(
      Loop loop,
      Codec codec,
      long resultLimit,
      boolean sharesProcess,
      Echo echo,
      Enforcement enforcement,
      JvmLauncher containers,
      long idleNanos) {
    this.echo = echo;
    this.processes = new ProcessLauncher(enforcement);
    this.containers = containers;
    this.loop = loop;
    this.codec = codec;
    this.resultLimit = resultLimit;
    this.sharesProcess = sharesProcess;
    this.idleNanos = idleNanos;
  }

  /**
   * Returns what runs the isolated calls of a run.
   *
   * @param code gives a JVM the code that a job needs; null if the class path of this process has
   *     the code of the program
   */
  public IsolatedRunner runner(@Nullable HandOver code) {
    return new IsolatedRunner(this, code == null ? OwnCode::handOver : code);
  }

  Echo echo() {
    return echo;
  }

  /** Returns the jars and folders that the classes of this process come from, in their order. */
  List<Path> ownFiles() throws IOException {
    List<Path> found = ownFiles;
    if (found == null) {
      found = BundleStore.ownFiles();
      ownFiles = found;
    }
    return found;
  }

  /** Returns what starts JVMs of a kind. */
  JvmLauncher launcher(JvmKind kind) {
    return kind.isApart() ? containers : processes;
  }

  long resultLimit() {
    return resultLimit;
  }

  AttemptEnd failure(IsolatedJvmException why) {
    Bytes encoded = codec.encodeFailure(why);
    return new AttemptEnd.Failure(encoded, Exceptions.brief(why));
  }

  /** Returns the end of a job that this machine could not start, though another one may. */
  AttemptEnd unable(String reason) {
    // the program's own process has no other worker that could do better
    return sharesProcess
        ? new AttemptEnd.NotStarted("could not be started: " + reason)
        : new AttemptEnd.Unable(reason);
  }

  // ---------------------------------------------------------------- jobs

  /** Has a job run in an idle JVM of its kind, or in a new one. */
  void start(IsolatedJob job, JvmKind kind) {
    for (ChildJvm known = takeIdle(kind); known != null; known = takeIdle(kind)) {
      if (known.give(job)) {
        return;
      }
    }
    startNew(job, kind);
  }

  /** Has a job run in a new JVM. */
  void startNew(IsolatedJob job, JvmKind kind) {
    ChildJvm made;
    ChildJvm surplus;
    synchronized (this) {
      if (closed) {
        made = null;
        surplus = null;
      } else {
        last++;
        made = new ChildJvm(this, kind, job, "grain-jvm-" + last);
        living.add(made);
        // an idle one of another kind takes memory that this one may need
        surplus = living.size() > mostIdle ? takeEldest() : null;
      }
    }
    if (made == null) {
      job.end(unable("the worker is ending"));
      return;
    }
    if (surplus != null) {
      surplus.close();
    }
    try {
      made.start();
    } catch (OutOfMemoryError e) {
      gone(made);
      job.detach();
      job.end(unable("no thread could be started for it: " + e.getMessage()));
    }
  }

  private synchronized @Nullable ChildJvm takeIdle(JvmKind kind) {
    Deque<ChildJvm> those = idleByKind.get(kind);
    if (those == null) {
      return null;
    }
    ChildJvm taken = those.getLast();
    removeIdle(taken);
    return taken;
  }

  private synchronized @Nullable ChildJvm takeEldest() {
    ChildJvm eldest = idle.isEmpty() ? null : idle.getFirst();
    if (eldest != null) {
      removeIdle(eldest);
    }
    return eldest;
  }

  /** Removes one from the idle ones; returns whether it was one. */
  private synchronized boolean removeIdle(ChildJvm jvm) {
    boolean wasIdle = idle.remove(jvm);
    if (wasIdle) {
      Deque<ChildJvm> those = idleByKind.get(jvm.kind());
      if (those != null && those.remove(jvm) && those.isEmpty()) {
        idleByKind.remove(jvm.kind());
      }
    }
    return wasIdle;
  }

  /** The job of a JVM has ended, and it can have another one. */
  void giveBack(ChildJvm jvm) {
    ChildJvm surplus = jvm;
    boolean sweepsNow = false;
    synchronized (this) {
      if (!closed) {
        jvm.idleSince = loop.now();
        idle.add(jvm);
        idleByKind.computeIfAbsent(jvm.kind(), _ -> new ArrayDeque<>()).addLast(jvm);
        surplus = idle.size() > mostIdle ? takeEldest() : null;
        sweepsNow = !sweeps;
        sweeps = true;
      }
    }
    if (surplus != null) {
      surplus.close();
    }
    if (sweepsNow) {
      sweepIn(idleNanos);
    }
  }

  private void sweepIn(long nanos) {
    try {
      loop.schedule(nanos, this::sweep);
    } catch (RejectedExecutionException e) {
      // the node has ended, and its JVMs end with it
    }
  }

  /** Ends those that have been idle for too long; on the loop. */
  private void sweep() {
    List<ChildJvm> old = new ArrayList<>();
    long next = 0;
    synchronized (this) {
      while (next == 0 && !idle.isEmpty()) {
        ChildJvm eldest = idle.getFirst();
        long left = idleNanos - (loop.now() - eldest.idleSince);
        if (left > 0) {
          next = left;
        } else {
          removeIdle(eldest);
          old.add(eldest);
        }
      }
      sweeps = next > 0;
    }
    old.forEach(ChildJvm::close);
    if (next > 0) {
      sweepIn(next);
    }
  }

  // ---------------------------------------------------------------- ends

  /** A JVM is about to end: nobody gets it any more. */
  void forget(ChildJvm jvm) {
    removeIdle(jvm);
  }

  /** A JVM is dead. */
  synchronized void gone(ChildJvm jvm) {
    living.remove(jvm);
  }

  /** Ends the JVMs of a run, soon. */
  void end(IsolatedRunner runner) {
    List<ChildJvm> those = new ArrayList<>();
    synchronized (this) {
      for (ChildJvm each : living) {
        if (each.kind().runner() == runner) {
          those.add(each);
        }
      }
      those.forEach(this::removeIdle);
    }
    those.forEach(ChildJvm::close);
  }

  /** Ends all JVMs, and waits until they are dead. */
  @Override
  public void close() {
    List<ChildJvm> all;
    synchronized (this) {
      closed = true;
      all = List.copyOf(living);
      all.forEach(this::removeIdle);
    }
    all.forEach(ChildJvm::close);
    all.forEach(ChildJvm::awaitEnd);
  }
}
