package dev.grain;

import dev.grain.text.Durations;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Options of a run. Immutable: each method returns a changed copy. */
public final class RunOptions {
  /** The system property by which runs check themselves by default. */
  private static final String CHECK = "grain.check";

  private static final RunOptions DEFAULTS =
      new RunOptions(
          new Use(),
          new Reach(List.of(), true, Optional.empty()),
          new Waiting(0, Duration.ZERO, RunLimits.NO_WORKERS),
          new Trust(null, false),
          new Display(true, true, false, null),
          Boolean.getBoolean(CHECK));

  private final Use use;
  private final Reach reach;
  private final Waiting waiting;
  private final Trust trust;
  private final Display display;
  private final boolean checks;

  private RunOptions(
      Use use, Reach reach, Waiting waiting, Trust trust, Display display, boolean checks) {
    this.use = use;
    this.reach = reach;
    this.waiting = waiting;
    this.trust = trust;
    this.display = display;
    this.checks = checks;
  }

  /**
   * What of the machines is used, in which order. A new option is a field here, and two methods.
   */
  static final class Use implements Cloneable {
    // all only changed while nobody else knows of this object
    private @Nullable Resource local;
    private @Nullable Resource perWorker;
    private QueueOrder queueOrder = QueueOrder.FIFO;
    private long raffleSeed;
    private Duration cancelGrace = RunLimits.CANCEL_GRACE;
    private @Nullable Path journal;
    private @Nullable Enforce enforce;
    private List<Credentials> credentials = List.of();

    private Use copy() {
      try {
        return (Use) clone();
      } catch (CloneNotSupportedException e) {
        throw new AssertionError(e);
      }
    }

    /** Returns what this machine offers; null for what is found. */
    @Nullable Resource local() {
      return local;
    }

    /** Returns what is used of each worker at most; null for all. */
    @Nullable Resource perWorker() {
      return perWorker;
    }

    QueueOrder queueOrder() {
      return queueOrder;
    }

    long raffleSeed() {
      return raffleSeed;
    }

    /** Returns where outcomes are kept beyond the run; null for nowhere. */
    @Nullable Path journal() {
      return journal;
    }

    /**
     * Returns how strictly commands on this machine are kept to their requests; null for the best
     * but for cores.
     */
    @Nullable Enforce enforce() {
      return enforce;
    }

    /** Returns the secrets for what jobs need, in the order in which they were given. */
    List<Credentials> credentials() {
      return credentials;
    }
  }

  /**
   * Where the workers of other processes are.
   *
   * @param workers where they are dialed
   * @param needsAll whether each of them has to answer
   * @param listen where workers can dial this program
   */
  record Reach(List<String> workers, boolean needsAll, Optional<String> listen) {
    /** Returns whether there are, or may be, workers in other processes. */
    boolean isRemote() {
      return !workers.isEmpty() || listen.isPresent();
    }
  }

  /**
   * How long it goes on without workers.
   *
   * @param count how many workers are waited for at the start
   * @param patience how long they are waited for
   * @param noWorkers how long the run goes on without any
   */
  record Waiting(int count, Duration patience, Duration noWorkers) {}

  /**
   * How head and workers know each other.
   *
   * @param key the file with the cluster key; null for the user's
   * @param insecure whether the links are plain text
   */
  record Trust(@Nullable Path key, boolean insecure) {}

  /** What people get to see. */
  record Display(
      boolean progress, boolean echo, boolean summary, @Nullable OutputListener listener) {}

  /** Returns the default options. */
  public static RunOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Sets the resources that this machine offers for jobs. By default it offers its cores, its
   * visible GPUs, and three quarters of the heap as memory. You may declare more than there is.
   *
   * <p>If the run has workers or listens for them, this machine runs jobs only if this method is
   * called; jobs that request {@code none()} always run on it.
   *
   * @param offer for example {@code node(16, "32GiB").and(custom("PROBE", 2))}
   */
  public RunOptions local(Resource offer) {
    Objects.requireNonNull(offer, "offer is null");
    return with(changed -> changed.local = offer);
  }

  /**
   * Limits the resources that the run uses of each worker: the smaller of this limit and the
   * worker's offer applies. Kinds that are not named are not limited.
   */
  public RunOptions perWorker(Resource bound) {
    Objects.requireNonNull(bound, "bound is null");
    return with(changed -> changed.perWorker = bound);
  }

  /** Sets the order of the queue; {@code FIFO} by default. */
  public RunOptions queueOrder(QueueOrder order) {
    Objects.requireNonNull(order, "queueOrder is null");
    return with(changed -> changed.queueOrder = order);
  }

  /**
   * Sets the seed of the draws of {@link QueueOrder#RAFFLE}; 0 by default. With the same seed, jobs
   * that are submitted in the same order and end in the same order are drawn in the same order. Has
   * no effect on other orders.
   */
  public RunOptions raffleSeed(long seed) {
    return with(changed -> changed.raffleSeed = seed);
  }

  /**
   * Sets how long a job that is cancelled or has reached its time limit may take to end before it
   * is reported as not stopping, and given up, on whatever worker it runs; 10 seconds by default.
   *
   * @param grace not negative
   * @throws IllegalArgumentException if it is negative
   */
  public RunOptions cancelGrace(Duration grace) {
    ensureNotNegative("cancelGrace", grace);
    return with(changed -> changed.cancelGrace = grace);
  }

  /**
   * Keeps how jobs end in a file, so that a program that was ended, by whatever, goes on when it is
   * started again: it gets the values that are in the file, and runs only the rest. The file is
   * made if there is none; a second file beside it, with {@code .lock} behind its name, is there
   * for good. One run has it at a time.
   *
   * <p>The end of a job is in the file, and on the disk, before anybody learns of it. Only values
   * are taken from it: a job that has failed runs again in the next life, one that was cancelled is
   * not written. A job that is taken from it ends as others do; its attempt is the one of then.
   *
   * <p>A job is the same in another life if the program submits it at the same place (the same
   * group of the same owner, counted in the order in which that owner opens groups and starts
   * subtasks), with the same code, function and arguments, and as many equal ones there before it.
   * The code is all that the program has on its class path and module path, but not the JDK and
   * Grain; any change of it runs everything anew, unless {@link JobOptions#key} names the jobs.
   * Arguments are the same if they encode to the same bytes, where sets and maps without an order
   * are the same with the same entries. Those that do not even encode to the same bytes twice are
   * reported in a warning, and their jobs run in each life.
   *
   * <p>What was cut off while it was written goes away silently at the next start. A file that is
   * damaged before its end is put aside, with a warning, and what is before the damage goes on. A
   * file that is no journal is never changed. What neither of the last two lives that ended in good
   * order wrote or used goes away when it is more than half of the file.
   *
   * <p>Whoever can write the file decides what the program takes for its results: it is made for
   * its owner alone.
   *
   * <p>The start of the run throws {@link dev.grain.JournalException} if the file is in use by
   * another run, is no journal, or cannot be opened. If it cannot be written later on, for example
   * as the disk is full, the run ends with that exception, and no outcome is delivered that is not
   * in the file.
   *
   * @param file where it is; its folder has to be there
   */
  public RunOptions journal(Path file) {
    Objects.requireNonNull(file, "file is null");
    return with(changed -> changed.journal = file);
  }

  /**
   * Sets how strictly the requests of commands and isolated functions are enforced on this machine;
   * see {@link Enforce}. By default, memory is limited by the best available mechanism, and
   * processes are not pinned to cores, because other programs on this machine may use the same
   * cores. The flag {@code --enforce} sets the mode of other workers.
   *
   * <p>The start of the run throws {@link IllegalStateException} if the mode is {@link
   * Enforce#REQUIRE} and there are no control groups.
   */
  public RunOptions enforce(Enforce mode) {
    Objects.requireNonNull(mode, "mode is null");
    return with(changed -> changed.enforce = mode);
  }

  /**
   * Adds credentials for the private git repositories that the jobs of the run need. They come
   * after those that were added before; {@link Credentials} tells which one is used.
   *
   * <p>Their secrets are read in this program, at each use, and sent only to the worker that needs
   * them. With {@link #insecure} they reach jobs on this machine alone.
   */
  public RunOptions credentials(Credentials... added) {
    List<Credentials> all = Stream.concat(use.credentials.stream(), Arrays.stream(added)).toList();
    all.forEach(each -> Objects.requireNonNull(each, "credentials contain null"));
    return with(changed -> changed.credentials = all);
  }

  /**
   * Sets the workers of the run: the addresses at which {@code grain-worker} listens. The run
   * connects to all of them when it starts and reconnects to lost ones until it ends.
   *
   * @param addresses {@code HOST:PORT} each; an empty list runs the jobs in this process
   */
  public RunOptions workers(List<String> addresses) {
    return with(new Reach(List.copyOf(addresses), reach.needsAll, reach.listen));
  }

  /** Sets the workers of the run; see {@link #workers(List)}. */
  public RunOptions workers(String... addresses) {
    return workers(List.of(addresses));
  }

  /**
   * Starts the run if at least one of its workers can be reached; the others join when they can be
   * reached. By default all of them must be reachable.
   */
  public RunOptions skipUnreachable() {
    return with(new Reach(reach.workers, false, reach.listen));
  }

  /**
   * Listens on all addresses of this machine for workers that are started by {@code grain-worker
   * --head HOST:PORT}.
   *
   * @param port from 1 to 65535, or 0 for any free port; {@link GrainExecutor#address()} returns it
   * @throws IllegalArgumentException if it is none
   */
  public RunOptions listen(int port) {
    return listen("0.0.0.0", port);
  }

  /**
   * Listens for workers on one address of this machine; see {@link #listen(int)}.
   *
   * @param host the address of this machine to listen on
   */
  public RunOptions listen(String host, int port) {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port is %s: from 0 to 65535".formatted(port));
    }
    return with(new Reach(reach.workers, reach.needsAll, Optional.of(host + ":" + port)));
  }

  /**
   * Waits at the start until this many workers have joined. By default a run that only listens
   * starts at once, and its jobs wait for the first worker.
   *
   * @param count at least 1
   * @param patience how long to wait before the start fails with {@link
   *     dev.grain.NoWorkersException}
   * @throws IllegalArgumentException if an argument is out of its range
   */
  public RunOptions waitForWorkers(int count, Duration patience) {
    if (count < 1) {
      throw new IllegalArgumentException("count is %s: at least 1".formatted(count));
    }
    ensureNotNegative("patience", patience);
    return with(new Waiting(count, patience, waiting.noWorkers));
  }

  /**
   * Sets how long the run continues after it has lost its last worker; 60 seconds by default. After
   * that its jobs end with {@link dev.grain.NoWorkersException}. A run that {@linkplain
   * #listen(int) listens} and {@linkplain #waitForWorkers waits} for workers continues for ever.
   *
   * @param patience not negative
   * @throws IllegalArgumentException if it is negative
   */
  public RunOptions noWorkers(Duration patience) {
    ensureNotNegative("noWorkers", patience);
    return with(new Waiting(waiting.count, waiting.patience, patience));
  }

  /**
   * Sets the file of the cluster key, which the program and its workers share; by default {@code
   * grain/cluster.key} in the user's configuration directory, which is created on first use.
   */
  public RunOptions key(Path file) {
    return with(new Trust(Objects.requireNonNull(file, "file is null"), false));
  }

  /**
   * Connects to workers that were started by {@code --insecure}, without a key and without
   * encryption. Anyone who can reach the ports can then run code on the workers and read all data:
   * use it only in networks that nobody else can reach. {@linkplain #credentials Credentials} are
   * not sent over such connections.
   */
  public RunOptions insecure() {
    return with(new Trust(null, true));
  }

  /**
   * Sets whether a progress line is shown on the terminal; true by default. It appears on the error
   * stream after half a second, below other output, and is erased at the end; of several concurrent
   * runs only the first shows it. It is not shown if the error stream is not a terminal, if the
   * environment variable {@code TERM} is missing or {@code dumb}, or if {@code CI} is set. Its
   * width is {@code COLUMNS}, or 80, and it has no colours if {@code NO_COLOR} is set.
   */
  public RunOptions progress(boolean shown) {
    return with(new Display(shown, display.echo, display.summary, display.listener));
  }

  /**
   * Sets whether the program prints the output of jobs, line by line, prefixed with the name of the
   * job; true by default. {@code job.output()} returns it in any case.
   */
  public RunOptions echo(boolean echoed) {
    return with(new Display(display.progress, echoed, display.summary, display.listener));
  }

  /**
   * Sets whether the program prints a summary line on the error stream when the run has ended:
   * jobs, failed jobs, retried attempts, time, jobs per second and cores; false by default.
   */
  public RunOptions summary(boolean printed) {
    return with(new Display(display.progress, display.echo, printed, display.listener));
  }

  /**
   * Sets a listener that receives the output of jobs while they run; see {@link OutputListener}.
   */
  public RunOptions onOutput(OutputListener listener) {
    return with(
        new Display(
            display.progress,
            display.echo,
            display.summary,
            Objects.requireNonNull(listener, "listener is null")));
  }

  /**
   * Sets whether the run performs internal consistency checks: that each job is in one place, and
   * that each slot is held once. If a check fails, the run ends, and its jobs fail with a message
   * that names the violated invariant. The checks take time, so they are meant for tests and for
   * debugging Grain: with more than 100 unfinished jobs they run only occasionally, with more than
   * 10,000 not at all. The default is the system property {@code grain.check}, or false.
   */
  public RunOptions check(boolean checked) {
    return new RunOptions(use, reach, waiting, trust, display, checked);
  }

  private static void ensureNotNegative(String name, Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException(
          "%s is negative: %s".formatted(name, Durations.readable(duration)));
    }
  }

  private RunOptions with(Consumer<Use> change) {
    Use changed = use.copy();
    change.accept(changed);
    return new RunOptions(changed, reach, waiting, trust, display, checks);
  }

  private RunOptions with(Reach changed) {
    return new RunOptions(use, changed, waiting, trust, display, checks);
  }

  private RunOptions with(Waiting changed) {
    return new RunOptions(use, reach, changed, trust, display, checks);
  }

  private RunOptions with(Trust changed) {
    return new RunOptions(use, reach, waiting, changed, display, checks);
  }

  private RunOptions with(Display changed) {
    return new RunOptions(use, reach, waiting, trust, changed, checks);
  }

  Use use() {
    return use;
  }

  Reach reach() {
    return reach;
  }

  Waiting waiting() {
    return waiting;
  }

  Trust trust() {
    return trust;
  }

  Display display() {
    return display;
  }

  boolean checks() {
    return checks;
  }

  long graceNanos() {
    return Durations.toNanos(use.cancelGrace);
  }
}
