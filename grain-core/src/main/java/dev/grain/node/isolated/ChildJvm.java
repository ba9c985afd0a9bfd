package dev.grain.node.isolated;

import dev.grain.bytes.Bytes;
import dev.grain.concurrent.Uninterruptibly;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Message;
import dev.grain.node.confine.Confinement;
import dev.grain.node.process.Mark;
import dev.grain.session.MessageStream;
import dev.grain.session.SessionLimits;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A JVM that runs one job at a time, from the side of the worker. Its own thread starts it, reads
 * its messages, and reports how it has ended.
 */
final class ChildJvm implements Runnable {
  private static final System.Logger LOG = System.getLogger(ChildJvm.class.getName());

  /** How long one that is asked to end may take for its shutdown hooks. */
  private static final long EXIT_SECONDS = 5;

  private static final Executor LATER =
      CompletableFuture.delayedExecutor(EXIT_SECONDS, TimeUnit.SECONDS, Runnable::run);

  private final IsolatedJvms all;
  private final JvmKind kind;
  private final Thread thread;
  private final Mark mark = Mark.unique();

  // when it became idle, by the clock of the loop; guarded by the pool
  long idleSince;

  // all guarded by this
  private @Nullable IsolatedJob job;
  // how many jobs it got
  private long given = 1;
  private @Nullable Process process;
  private boolean killed;
  private boolean gone;

  // all set by its thread before it gets its first job
  private volatile @Nullable Confinement confinement;
  private volatile @Nullable MessageStream stream;
  private volatile @Nullable MessageStream control;

  // all only accessed by its thread
  private @Nullable JvmFolder folder;
  // it takes no further job
  private boolean draining;
  // why it could not be started, though this machine is at fault
  private @Nullable String problem;
  // whether there may be a process
  private boolean launched;
  // why it was killed though it ran
  private @Nullable String broken;

  /**
   * Makes one that is not started.
   *
   * @param first its first job
   */
  ChildJvm(IsolatedJvms all, JvmKind kind, IsolatedJob first, String name) {
    this.all = all;
    this.kind = kind;
    this.job = first;
    this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this);
    first.assign(this);
  }

  JvmKind kind() {
    return kind;
  }

  /**
   * Starts it.
   *
   * @throws OutOfMemoryError if the system gives no thread
   */
  void start() {
    thread.start();
  }

  // ---------------------------------------------------------------- its thread

  @Override
  public void run() {
    try {
      JvmFolder made = JvmFolder.create();
      folder = made;
      if (launch(made)) {
        sendFirst();
        serve();
      }
    } catch (IOException e) {
      fail("its JVM could not be started: " + e.getMessage());
    } catch (RuntimeException | Error e) {
      fail("its JVM could not be started: " + e);
    } finally {
      end();
    }
  }

  /** Starts the process and waits for its call; returns whether it has called. */
  private boolean launch(JvmFolder made) throws IOException {
    if (isKilled()) {
      problem = "the worker is ending";
      return false;
    }
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(made.socket()));
      Bytes code = kind.runner().handOver(kind.code());
      new Setup(all.resultLimit(), kind.memoryForHeap(), mark, code).write(made.setup());
      BegunNote.create(made.begun());
      Confinement limits = confine();
      launched = true;
      Process started = JvmCommand.start(made, kind, limits, mark);
      synchronized (this) {
        process = started;
        if (killed) {
          started.destroyForcibly();
        }
      }
      // one that ends instead of calling ends the wait
      var _ = started.onExit().thenRun(() -> close(server));
      stream = accept(server);
      control = accept(server);
      return true;
    } catch (ClosedChannelException e) {
      return false;
    }
  }

  private MessageStream accept(ServerSocketChannel server) throws IOException {
    return new MessageStream(server.accept(), Math.max(all.resultLimit(), LEAST_VALUE));
  }

  private synchronized boolean isKilled() {
    return killed;
  }

  private Confinement confine() throws IOException {
    IsolatedJob first = current();
    if (first == null) {
      throw new IOException("there is no job for it any more");
    }
    Confinement made = all.enforcement().confine(first.allocation(), kind.limit());
    confinement = made;
    return made;
  }

  /** A failure may be larger than a result is allowed to be. */
  private static final long LEAST_VALUE = 16L << 20;

  private static void close(@Nullable AutoCloseable unneeded) {
    try {
      if (unneeded != null) {
        unneeded.close();
      }
    } catch (Exception e) {
      // it is not needed any more
    }
  }

  private void sendFirst() {
    IsolatedJob first = current();
    if (first == null) {
      return;
    }
    if (first.isStoppedBefore()) {
      leave(new AttemptEnd.Cancelled());
    } else {
      enter(first);
    }
  }

  private synchronized @Nullable IsolatedJob current() {
    return job;
  }

  private void serve() {
    MessageStream from = Objects.requireNonNull(stream);
    try {
      for (Message next = from.read(); next != null; next = from.read()) {
        switch (next) {
          case Message.Output output -> {
            IsolatedJob printing = current();
            if (printing != null && printing.is(output.job(), output.attempt())) {
              printing.printed(output, all.echo());
            }
          }
          case Message.Draining _ -> draining = true;
          case Message.Ended ended -> {
            IsolatedJob ending = current();
            if (ending != null && ending.is(ended.job(), ended.attempt())) {
              leave(ended.end());
            }
          }
          case Message.ToNode _, Message.ToHead _ ->
              throw new IOException("A JVM sent an unexpected message: " + next);
        }
      }
    } catch (IOException e) {
      // it has ended, or is of no more use
    } catch (RuntimeException | Error e) {
      broken = e.toString();
      kill();
    }
  }

  /** Something here went wrong before it could be used. */
  private void fail(String why) {
    problem = why;
    kill();
  }

  /** It has ended, or is to: waits until it is certainly dead, and reports that. */
  private void end() {
    IsolatedJob lost = take();
    all.forget(this);
    int code = awaitExit();
    endOthers();
    noteBegun(lost);
    Runnable then = lost == null ? () -> {} : afterwards(lost, code);
    if (folder != null) {
      folder.delete();
    }
    all.gone(this);
    then.run();
  }

  /** Returns what is to be done with the job that it had, when nothing is left of it. */
  private Runnable afterwards(IsolatedJob lost, int code) {
    if (stream != null && problem == null && lost.startsAgain()) {
      return () -> all.startNew(lost, kind);
    }
    AttemptEnd end = endOf(lost, code);
    return () -> lost.end(end);
  }

  private synchronized @Nullable IsolatedJob take() {
    gone = true;
    IsolatedJob lost = job;
    job = null;
    return lost;
  }

  private synchronized long jobsGiven() {
    return given;
  }

  private void noteBegun(@Nullable IsolatedJob lost) {
    if (lost != null
        && folder != null
        && stream != null
        && BegunNote.read(folder.begun()) >= jobsGiven()) {
      lost.onBegun();
    }
  }

  /** What is left of it is what its function has started; it ends with it. */
  private void endOthers() {
    try {
      Confinement mine = confinement;
      if (mine != null) {
        mine.end();
      }
      if (launched) {
        mark.killAll();
      }
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "Processes that a function has started may be left", e);
    }
  }

  private AttemptEnd endOf(IsolatedJob lost, int code) {
    if (lost.detach() || lost.isStoppedBefore()) {
      return new AttemptEnd.Cancelled();
    }
    String why = problem;
    if (why != null || folder == null) {
      return all.unable(String.valueOf(why));
    }
    JvmEnd how = JvmEnd.of(code, folder);
    String wrong = broken;
    if (wrong != null) {
      return all.failure(how.failure("The worker killed its JVM, as it could not go on: " + wrong));
    }
    Confinement limits = confinement;
    // the JVM may have survived the end of a process that it had started
    if (limits != null && limits.exceedsMemory() && how.isKilled()) {
      return new AttemptEnd.OutOfMemory(
          "its JVM " + limits.memoryExceeded("that it may use"),
          limits.memoryLimit(),
          limits.peakMemory());
    }
    AttemptEnd exhausted = how.exhaustion();
    if (exhausted != null) {
      return exhausted;
    }
    if (stream != null) {
      return all.failure(how.failure());
    }
    return how.signal() == null
        ? new AttemptEnd.NotStarted(how.notStarted())
        : all.unable("its JVM was killed by " + how.signal() + " when it started");
  }

  /** Waits for the end of the process, which has closed the connection, or was killed. */
  private int awaitExit() {
    Process mine;
    synchronized (this) {
      mine = process;
    }
    close(stream);
    close(control);
    if (mine == null) {
      return 0;
    }
    boolean ended =
        Uninterruptibly.await(
            TimeUnit.SECONDS.toNanos(EXIT_SECONDS),
            left -> mine.waitFor(left, TimeUnit.NANOSECONDS));
    if (!ended) {
      mine.destroyForcibly();
      Uninterruptibly.await(mine::waitFor);
    }
    return mine.exitValue();
  }

  // ---------------------------------------------------------------- jobs, for any thread

  /**
   * Gives it a job, while it is idle and nobody else has it.
   *
   * @return false if it has just ended
   */
  boolean give(IsolatedJob next) {
    // first, as this may end the moment it has the job
    next.assign(this);
    synchronized (this) {
      if (gone) {
        return false;
      }
      job = next;
      given++;
    }
    if (mayTakeLong(next)) {
      enterApart(next);
    } else {
      enter(next);
    }
    return true;
  }

  private boolean mayTakeLong(IsolatedJob next) {
    Confinement limits = confinement;
    boolean moves =
        limits != null && all.enforcement().isPinnedElsewhere(limits, next.allocation());
    return moves || next.order().input().length() >= SessionLimits.MOST_SMALL;
  }

  /**
   * Its order does not fit into the buffer of the socket, or the system has to move the JVM to
   * other cores, and this may be the loop.
   */
  private void enterApart(IsolatedJob next) {
    Thread writer =
        Thread.ofPlatform().daemon().name(thread.getName() + "-order").unstarted(() -> enter(next));
    try {
      writer.start();
    } catch (OutOfMemoryError e) {
      // there is no thread: it has to wait for the JVM, which reads it at once
      enter(next);
    }
  }

  /**
   * Hands it a job: from here to {@link #leave}, or to its end, the process works for this job, and
   * for no other.
   */
  private void enter(IsolatedJob next) {
    pin(next);
    write(next.toSend(), stream);
    next.onSent(this);
  }

  private void pin(IsolatedJob next) {
    Confinement limits = confinement;
    Process mine;
    synchronized (this) {
      mine = process;
    }
    if (limits != null && mine != null && mine.isAlive()) {
      try {
        all.enforcement().pin(limits, mine.pid(), next.allocation());
      } catch (IOException e) {
        if (mine.isAlive()) {
          LOG.log(
              System.Logger.Level.WARNING,
              "A JVM runs on the cores of an earlier job: " + e.getMessage());
        }
      }
    }
  }

  /** Its job has ended, on its thread: the process works for none until it gets the next one. */
  private void leave(AttemptEnd end) {
    IsolatedJob ended;
    synchronized (this) {
      ended = job;
      job = null;
    }
    if (ended == null) {
      return;
    }
    boolean wasKilled = ended.detach();
    if (!wasKilled && !draining) {
      all.giveBack(this);
    }
    ended.end(end instanceof AttemptEnd.Unable(String reason) ? all.unable(reason) : end);
    // last, as nobody has to wait for it
    if (folder != null) {
      folder.boundPrinted();
    }
  }

  /** Requests something of it beside its orders; does nothing if it has ended. */
  void request(Message message) {
    write(message, control);
  }

  private static void write(Message message, @Nullable MessageStream to) {
    if (to != null) {
      try {
        to.write(message);
      } catch (IOException e) {
        // it has ended, which its thread sees, too
      }
    }
  }

  // ---------------------------------------------------------------- ending, for any thread

  /** Ends it without force if it is idle, so that its shutdown hooks run; otherwise kills it. */
  void close() {
    Process idle;
    synchronized (this) {
      idle = job == null && control != null ? process : null;
    }
    if (idle == null) {
      kill();
    } else {
      request(new Message.RunOver(""));
      LATER.execute(idle::destroyForcibly);
    }
  }

  /** Kills it and what it has started. */
  void kill() {
    Process mine;
    synchronized (this) {
      killed = true;
      mine = process;
    }
    Confinement limits = confinement;
    if (mine != null) {
      Thread.startVirtualThread(() -> {
        if (limits != null) {
          limits.kill();
        }
        mine.descendants().forEach(ProcessHandle::destroyForcibly);
        mine.destroyForcibly();
      });
    }
  }

  /** Waits until it is dead and its folder removed. */
  void awaitEnd() {
    Uninterruptibly.await(thread::join);
  }
}
