package dev.grain.node.isolated;

import dev.grain.concurrent.Uninterruptibly;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Message;
import dev.grain.node.prepare.PreparationException;
import dev.grain.session.SessionLimits;
import java.io.IOException;
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

  private static final String NOT_STARTED = "its JVM could not be started: ";

  private static final Executor LATER =
      CompletableFuture.delayedExecutor(EXIT_SECONDS, TimeUnit.SECONDS, Runnable::run);

  private final IsolatedJvms all;
  private final JvmKind kind;
  private final Thread thread;

  // when it became idle, by the clock of the loop; guarded by the pool
  long idleSince;

  // all guarded by this
  private @Nullable IsolatedJob job;
  // how many jobs it got
  private long given = 1;
  private @Nullable RunningJvm running;
  private boolean killed;
  private boolean gone;

  // set by its thread before it gets its first job
  private volatile @Nullable JvmConnection connection;

  // all only accessed by its thread
  private @Nullable JvmFolder folder;
  // it takes no further job
  private boolean draining;
  // how its job ends, if it could not be started and has not printed why
  private @Nullable AttemptEnd problem;
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
      JvmConnection connected = connect();
      if (connected != null) {
        connection = connected;
        sendFirst();
        serve(connected);
      }
    } catch (PreparationException e) {
      String why = String.valueOf(e.getMessage());
      fail(
          e.isOfThisNode()
              ? all.unable(NOT_STARTED + why)
              : new AttemptEnd.NotStarted("could not start its JVM: " + why));
    } catch (IOException e) {
      fail(all.unable(NOT_STARTED + e.getMessage()));
    } catch (InterruptedException | RuntimeException | Error e) {
      fail(all.unable(NOT_STARTED + e));
    } finally {
      end();
    }
  }

  /** Starts the process and waits for its call; returns null if there is none. */
  private @Nullable JvmConnection connect()
      throws PreparationException, IOException, InterruptedException {
    IsolatedJob first = current();
    if (isKilled() || first == null) {
      problem = all.unable("the worker is ending");
      return null;
    }
    JvmFolder made = JvmFolder.create(kind.isApart());
    folder = made;
    try (JvmStart start = JvmStart.prepare(all, kind, first, made)) {
      RunningJvm started = start.start();
      boolean tooLate;
      synchronized (this) {
        running = started;
        tooLate = killed;
      }
      if (tooLate) {
        started.kill();
      }
      return start.connection();
    }
  }

  private synchronized boolean isKilled() {
    return killed;
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

  private void serve(JvmConnection connected) {
    String wrong = connected.serve(new Reports());
    if (wrong != null) {
      broken = wrong;
      kill();
    }
  }

  /** What comes about a job that it has no more is too late, and passed over. */
  private final class Reports implements JvmConnection.Receiver {
    @Override
    public void printed(Message.Output output) {
      IsolatedJob printing = current();
      if (printing != null && printing.is(output.job(), output.attempt())) {
        printing.printed(output, all.echo());
      }
    }

    @Override
    public void draining() {
      draining = true;
    }

    @Override
    public void ended(Message.Ended ended) {
      IsolatedJob ending = current();
      if (ending != null && ending.is(ended.job(), ended.attempt())) {
        leave(ended.end());
      }
    }
  }

  /** Something here went wrong before it could be used. */
  private void fail(AttemptEnd how) {
    problem = how;
    kill();
  }

  // ---------------------------------------------------------------- its end, on its thread

  /** It has ended, or is to: waits until it is certainly dead, and reports that. */
  private void end() {
    IsolatedJob lost = take();
    all.forget(this);
    RunningJvm.Exit exit = awaitExit();
    boolean begun = lost != null && noteBegun(lost);
    Runnable then = lost == null ? () -> {} : afterwards(lost, exit, begun);
    if (folder != null) {
      folder.delete();
    }
    all.gone(this);
    then.run();
  }

  private synchronized @Nullable IsolatedJob take() {
    gone = true;
    IsolatedJob lost = job;
    job = null;
    return lost;
  }

  /** Waits for the end of what has closed the connection, or was killed. */
  private RunningJvm.Exit awaitExit() {
    RunningJvm mine;
    synchronized (this) {
      mine = running;
    }
    JvmConnection connected = connection;
    if (connected != null) {
      connected.close();
    }
    if (mine == null) {
      return RunningJvm.Exit.none();
    }
    boolean ended = Uninterruptibly.await(TimeUnit.SECONDS.toNanos(EXIT_SECONDS), mine::awaitEnd);
    if (!ended) {
      mine.kill();
      Uninterruptibly.await(Long.MAX_VALUE, mine::awaitEnd);
    }
    return mine.close();
  }

  /** Returns whether the job may have begun, and tells it so. */
  private boolean noteBegun(IsolatedJob lost) {
    boolean begun =
        folder != null && connection != null && BegunNote.read(folder.begun()) >= jobsGiven();
    if (begun) {
      lost.onBegun();
    }
    return begun;
  }

  private synchronized long jobsGiven() {
    return given;
  }

  /** Returns what is to be done with the job that it had, when nothing is left of it. */
  private Runnable afterwards(IsolatedJob lost, RunningJvm.Exit exit, boolean begun) {
    if (connection != null && problem == null && lost.startsAgain()) {
      return () -> all.startNew(lost, kind);
    }
    AttemptEnd end =
        lost.detach() || lost.isStoppedBefore() ? new AttemptEnd.Cancelled() : endOf(exit, begun);
    return () -> lost.end(end);
  }

  private AttemptEnd endOf(RunningJvm.Exit exit, boolean begun) {
    AttemptEnd how = problem;
    if (how != null || folder == null) {
      return how == null ? all.unable("it has no folder") : how;
    }
    JvmEnd end = JvmEnd.of(exit, folder);
    String wrong = broken;
    if (wrong != null) {
      return all.failure(end.failure("The worker killed its JVM, as it could not go on: " + wrong));
    }
    String lost = exit.lost();
    if (lost != null) {
      return begun ? all.failure(end.failure("Its JVM was lost: " + lost)) : all.unable(lost);
    }
    AttemptEnd outOfMemory = end.outOfMemory();
    if (outOfMemory != null) {
      return outOfMemory;
    }
    if (connection != null) {
      return all.failure(end.failure());
    }
    return end.signal() == null
        ? new AttemptEnd.NotStarted(end.notStarted())
        : all.unable("its JVM was killed by " + end.signal() + " when it started");
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
    RunningJvm mine;
    synchronized (this) {
      if (gone) {
        return false;
      }
      job = next;
      given++;
      mine = running;
    }
    boolean moves = mine != null && mine.isElsewhere(next.allocation());
    if (moves || next.order().input().length() >= SessionLimits.MOST_SMALL) {
      enterApart(next);
    } else {
      enter(next);
    }
    return true;
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
    move(next);
    JvmConnection connected = connection;
    if (connected != null) {
      connected.order(next.toSend());
    }
    next.onSent(this);
  }

  private void move(IsolatedJob next) {
    RunningJvm mine;
    synchronized (this) {
      mine = running;
    }
    if (mine != null && mine.isElsewhere(next.allocation())) {
      try {
        mine.moveTo(next.allocation());
      } catch (IOException e) {
        LOG.log(
            System.Logger.Level.WARNING,
            "A JVM runs on the cores of an earlier job: " + e.getMessage());
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
    JvmConnection connected = connection;
    if (connected != null) {
      connected.request(message);
    }
  }

  // ---------------------------------------------------------------- ending, for any thread

  /** Ends it without force if it is idle, so that its shutdown hooks run; otherwise kills it. */
  void close() {
    RunningJvm idle;
    synchronized (this) {
      idle = job == null && connection != null ? running : null;
    }
    if (idle == null) {
      kill();
    } else {
      request(new Message.RunOver(""));
      LATER.execute(() -> {
        // one that has ended its connection is killed by its own thread
        if (!isGone()) {
          idle.kill();
        }
      });
    }
  }

  private synchronized boolean isGone() {
    return gone;
  }

  /** Kills it and what it has started. */
  void kill() {
    RunningJvm mine;
    synchronized (this) {
      killed = true;
      mine = running;
    }
    if (mine != null) {
      mine.kill();
    }
  }

  /** Waits until it is dead and its folder removed. */
  void awaitEnd() {
    Uninterruptibly.await(thread::join);
  }
}
