package dev.grain;

import dev.grain.job.Resource;
import dev.grain.text.Durations;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a run behaves. Immutable: each method returns a changed copy. */
public final class RunOptions {
  /** The property of the JVM by which runs check themselves if nothing else is said. */
  private static final String CHECK = "grain.check";

  private static final RunOptions DEFAULTS =
      new RunOptions(
          new Use(null, null, QueueOrder.FIFO, RunLimits.CANCEL_GRACE, null),
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
   * What of the machines is used, in which order.
   *
   * @param local what this machine offers; null for what is found
   * @param perWorker what is used of each worker at most; null for all
   * @param journal where outcomes are kept beyond the run; null for nowhere
   */
  record Use(
      @Nullable Resource local,
      @Nullable Resource perWorker,
      QueueOrder queueOrder,
      Duration cancelGrace,
      @Nullable Path journal) {}

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

  /** Returns the options of a run that is started without any. */
  public static RunOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Says what this machine offers for jobs, instead of what is found on it: its cores, its visible
   * GPUs, and three quarters of the heap as memory. More may be declared than there is.
   *
   * <p>Where workers are named or listened for, this machine runs jobs only if this is called;
   * except those that ask for {@code none()}, which always run on it.
   *
   * @param offer for example {@code node(16, "32GiB").and(custom("PROBE", 2))}
   */
  public RunOptions local(Resource offer) {
    Objects.requireNonNull(offer, "offer is null");
    return with(new Use(offer, use.perWorker, use.queueOrder, use.cancelGrace, use.journal));
  }

  /**
   * Bounds what is used of each worker: the smaller of this and what the worker offers counts.
   * Kinds that are not named are not bounded.
   */
  public RunOptions perWorker(Resource bound) {
    Objects.requireNonNull(bound, "bound is null");
    return with(new Use(use.local, bound, use.queueOrder, use.cancelGrace, use.journal));
  }

  /** Sets the order of the queue; {@code FIFO} by default. */
  public RunOptions queueOrder(QueueOrder order) {
    Objects.requireNonNull(order, "queueOrder is null");
    return with(new Use(use.local, use.perWorker, order, use.cancelGrace, use.journal));
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
    return with(new Use(use.local, use.perWorker, use.queueOrder, grace, use.journal));
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
   * <p>The start of the run throws {@link dev.grain.job.JournalException} if the file is in use by
   * another run, is no journal, or cannot be opened. If it cannot be written later on, for example
   * as the disk is full, the run ends with that exception, and no outcome is delivered that is not
   * in the file.
   *
   * @param file where it is; its folder has to be there
   */
  public RunOptions journal(Path file) {
    Objects.requireNonNull(file, "file is null");
    return with(new Use(use.local, use.perWorker, use.queueOrder, use.cancelGrace, file));
  }

  /**
   * Names the workers of the run: addresses at which {@code grain-worker} listens. They are dialed
   * when the run starts, each has to answer, and those that are lost are redialed as long as the
   * run goes on.
   *
   * @param addresses {@code HOST:PORT} each; none for this process alone
   */
  public RunOptions workers(List<String> addresses) {
    return with(new Reach(List.copyOf(addresses), reach.needsAll, reach.listen));
  }

  /** Names the workers of the run; see {@link #workers(List)}. */
  public RunOptions workers(String... addresses) {
    return workers(List.of(addresses));
  }

  /**
   * Lets the run start with those of the named workers that answer, if there is at least one; the
   * others join when they can be reached. By default each of them has to answer.
   */
  public RunOptions skipUnreachable() {
    return with(new Reach(reach.workers, false, reach.listen));
  }

  /**
   * Lets workers join the run that were started with {@code grain-worker --head HOST:PORT}, on all
   * addresses of this machine.
   *
   * @param port from 1 to 65535, or 0 for any that is free; {@link GrainExecutor#address()} has it
   * @throws IllegalArgumentException if it is none
   */
  public RunOptions listen(int port) {
    return listen("0.0.0.0", port);
  }

  /**
   * Lets workers join the run; see {@link #listen(int)}.
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
   * Has the run start when this many workers have joined. Without it, a run that only listens
   * starts at once, and its jobs wait for the first worker.
   *
   * @param count at least 1
   * @param patience how long to wait before the start fails with {@link
   *     dev.grain.job.NoWorkersException}
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
   * Sets how long the run goes on when it has lost its last worker; 60 seconds by default. Then its
   * jobs end with {@link dev.grain.job.NoWorkersException}. A run that {@linkplain #listen(int)
   * listens} and is told to {@linkplain #waitForWorkers wait} goes on for ever.
   *
   * @param patience not negative
   * @throws IllegalArgumentException if it is negative
   */
  public RunOptions noWorkers(Duration patience) {
    ensureNotNegative("noWorkers", patience);
    return with(new Waiting(waiting.count, waiting.patience, patience));
  }

  /**
   * Names the file with the cluster key that head and workers share; by default the one of the
   * user, which is made when it is first needed.
   */
  public RunOptions key(Path file) {
    return with(new Trust(Objects.requireNonNull(file, "file is null"), false));
  }

  /**
   * Talks to workers without a key and without encryption, with those that were started with {@code
   * --insecure}. Whoever reaches the ports can then run code on the workers and read everything:
   * for networks that nobody else is in.
   */
  public RunOptions insecure() {
    return with(new Trust(null, true));
  }

  /**
   * Says whether one line on the terminal shows how far the run is; true by default. It is on the
   * error stream, below what is printed, from half a second on, and leaves nothing behind; of
   * several runs at the same time the first one has it. There is none where the error stream goes
   * to a file or a pipe, where the environment variable {@code TERM} is missing or {@code dumb}, or
   * where {@code CI} is set. It is {@code COLUMNS} wide, or 80, and has no colours where {@code
   * NO_COLOR} is set.
   */
  public RunOptions progress(boolean shown) {
    return with(new Display(shown, display.echo, display.summary, display.listener));
  }

  /**
   * Says whether what jobs print is also printed by the program, line by line, with the name of the
   * job in front; true by default. {@code job.output()} has it in any case.
   */
  public RunOptions echo(boolean echoed) {
    return with(new Display(display.progress, echoed, display.summary, display.listener));
  }

  /**
   * Says whether one line on the error stream sums the run up when it has ended: its jobs, those
   * that failed, attempts that were retried, time, jobs in a second and cores; false by default.
   */
  public RunOptions summary(boolean printed) {
    return with(new Display(display.progress, display.echo, printed, display.listener));
  }

  /** Sets what receives what jobs print while they run; see {@link OutputListener}. */
  public RunOptions onOutput(OutputListener listener) {
    return with(
        new Display(
            display.progress,
            display.echo,
            display.summary,
            Objects.requireNonNull(listener, "listener is null")));
  }

  /**
   * Says whether the run checks its own books as it goes: that each job is in one place, and each
   * slot is held once. If they are wrong, the run ends and its jobs fail with a message that names
   * what does not hold. It takes time, so it is for tests and for the search of bugs: with more
   * than 100 jobs that have not ended it looks only every so often, with more than 10,000 not at
   * all. False by default, or true where the system property {@code grain.check} is.
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

  private RunOptions with(Use changed) {
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
