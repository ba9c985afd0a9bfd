package dev.grain;

import static dev.grain.schedule.ScheduledJob.USUAL_PRIORITY;

import dev.grain.schedule.Retries;
import dev.grain.spec.JobSpec;
import dev.grain.text.Durations;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A resource request together with other settings of the job. Immutable: each method returns a
 * changed copy.
 *
 * <pre>{@code
 * wg.submit(JobOptions.of(cpu(3)).named("energy").retries(2).timeout(ofMinutes(5)), Jobs::energy, m);
 * }</pre>
 */
public final class JobOptions implements Request {
  private static final double DOUBLING = 2;
  private static final Duration LONGEST_BACKOFF = Duration.ofMinutes(5);
  private static final Duration LONGEST_WAIT = Duration.ofDays(365);

  private final Settings settings;

  /** A new option is a field here, and the method that sets it. */
  private static final class Settings implements Cloneable {
    // all only changed while nobody else knows of this object
    private final Resource resource;
    private String name = "";
    private Retries retries = Retries.NONE;
    private @Nullable Predicate<? super Throwable> retryOn;
    private @Nullable Duration timeout;
    private boolean platformThread;
    private @Nullable Isolation isolation;
    private Code code = Code.shipped();
    private @Nullable Environment environment;
    private double priority = USUAL_PRIORITY;
    private @Nullable Object @Nullable [] words;

    Settings(Resource resource) {
      this.resource = resource;
    }

    Settings copy() {
      try {
        return (Settings) clone();
      } catch (CloneNotSupportedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private JobOptions(Settings settings) {
    this.settings = settings;
  }

  private JobOptions with(Consumer<Settings> change) {
    Settings changed = settings.copy();
    change.accept(changed);
    return new JobOptions(changed);
  }

  /** Returns options with the resources that the job needs and defaults for everything else. */
  public static JobOptions of(Resource resource) {
    return new JobOptions(new Settings(Objects.requireNonNull(resource, "resource is null")));
  }

  /**
   * Returns the options of a job that a spec describes, without its id, its labels and its hold,
   * which only a head knows. A job that names no cores requests one.
   *
   * @throws IllegalArgumentException if a part of the spec is not allowed, or its parts do not fit
   *     together; the message is a sentence
   */
  public static JobOptions of(JobSpec spec) {
    return Specified.options(spec);
  }

  /** Sets the name of the job, which messages and outputs show. */
  public JobOptions named(String name) {
    Objects.requireNonNull(name, "name is null");
    return with(changed -> changed.name = name);
  }

  /**
   * Sets how often the job is retried when its function throws or it reaches its time limit.
   *
   * @param retries the maximum number of further attempts; 0 or more. Attempts that are lost with a
   *     worker, or that a worker could not start, do not count
   * @throws IllegalArgumentException if it is negative
   */
  public JobOptions retries(int retries) {
    if (retries < 0) {
      throw new IllegalArgumentException("retries is negative: " + retries);
    }
    Retries old = settings.retries;
    return with(new Retries(retries, old.first(), old.factor(), old.longest(), old.asks()));
  }

  /**
   * Sets the delay before retries: {@code first} before the first retry, doubled for each further
   * one, up to 5 minutes (or {@code first}, if that is longer). By default there is no delay.
   *
   * @param first not negative
   * @throws IllegalArgumentException if it is negative
   */
  public JobOptions backoff(Duration first) {
    return backoff(first, DOUBLING, first.compareTo(LONGEST_BACKOFF) > 0 ? first : LONGEST_BACKOFF);
  }

  /**
   * Sets the delay before {@linkplain #retries(int) retries}. During the delay the job is {@code
   * QUEUED} and holds no resources. There is no jitter. Attempts after a lost worker are not
   * delayed.
   *
   * @param first the delay before the first retry; not negative
   * @param factor by how much the delay grows with each retry; at least 1
   * @param most the maximum delay; not less than {@code first}
   * @throws IllegalArgumentException if an argument is out of its range
   */
  public JobOptions backoff(Duration first, double factor, Duration most) {
    if (first.isNegative()) {
      throw new IllegalArgumentException("first is negative: " + Durations.readable(first));
    }
    if (!(factor >= 1) || Double.isInfinite(factor)) {
      throw new IllegalArgumentException("factor is %s: at least 1".formatted(factor));
    }
    if (most.compareTo(first) < 0 || most.compareTo(LONGEST_WAIT) > 0) {
      throw new IllegalArgumentException(
          "most is %s: not less than first, which is %s, and at most %s"
              .formatted(
                  Durations.readable(most),
                  Durations.readable(first),
                  Durations.readable(LONGEST_WAIT)));
    }
    Retries old = settings.retries;
    return with(new Retries(old.most(), first.toNanos(), factor, most.toNanos(), old.asks()));
  }

  /**
   * Sets which failures are {@linkplain #retries(int) retried}; by default all are. For example
   * {@code retryOn(e -> e instanceof IOException)}.
   *
   * <p>The predicate runs in the program, on a virtual thread of the run. Its argument is the
   * exception that the function threw, or a {@code JobTimedOutException} if the job reached its
   * time limit. If the predicate throws, the job fails, and the predicate's exception is suppressed
   * in that of the job.
   */
  public JobOptions retryOn(Predicate<? super Throwable> retryOn) {
    Objects.requireNonNull(retryOn, "retryOn is null");
    Retries old = settings.retries;
    Retries asking = new Retries(old.most(), old.first(), old.factor(), old.longest(), true);
    return with(asking).with(changed -> changed.retryOn = retryOn);
  }

  private JobOptions with(Retries retries) {
    return with(changed -> changed.retries = retries);
  }

  /**
   * Limits the run time of each attempt, from the start of its function; time in the queue does not
   * count. At the limit the job is interrupted and ends with a {@code JobTimedOutException}.
   *
   * @param timeout more than zero
   * @throws IllegalArgumentException if it is zero or negative
   */
  public JobOptions timeout(Duration timeout) {
    if (!timeout.isPositive()) {
      throw new IllegalArgumentException("timeout is not positive: " + Durations.readable(timeout));
    }
    return with(changed -> changed.timeout = timeout);
  }

  /**
   * Runs the job on a platform thread, for code that spends long in native calls or relies on
   * thread identity. Later jobs on that thread may see thread locals that the job leaves behind.
   */
  public JobOptions platformThread() {
    return with(changed -> changed.platformThread = true);
  }

  /**
   * Sets the priority of the job relative to other queued jobs of the run; 100 by default. Its
   * effect depends on the {@linkplain RunOptions#queueOrder order of the queue}; see {@link
   * QueueOrder}. Running jobs are never preempted. A job that was already sent to a worker starts
   * there before later jobs, whatever their priority; at most two milliseconds of work, or one
   * round of jobs, is sent in advance.
   *
   * @param priority finite and more than zero, for example 300
   * @throws IllegalArgumentException if it is zero, negative, infinite or NaN
   */
  public JobOptions priority(double priority) {
    if (!(priority > 0) || Double.isInfinite(priority)) {
      throw new IllegalArgumentException(
          "priority is %s: must be a finite number above 0; the default is 100"
              .formatted(priority));
    }
    return with(changed -> changed.priority = priority);
  }

  /**
   * Runs the function in its own JVM on the worker's machine. If the function calls {@code
   * System.exit}, crashes in native code, exhausts its memory or does not stop when it is
   * interrupted, only that JVM ends. The job then fails with an {@link IsolatedJvmException} or a
   * {@link JobOutOfMemoryException}, or is cancelled or times out as usual.
   *
   * <p>A JVM runs one job at a time. It is reused by later jobs of the run with the same code,
   * flags, memory and number of cores, so static fields keep their values as they do on a worker.
   * The JVM sees the whole cores of the job as its processors, at least one. Its heap is three
   * quarters of the memory that the job requests, or the default of the JVM if the job requests
   * none. The time to start a JVM counts as run time of the job.
   *
   * <p>A command always runs in its own processes, so this option is rejected for commands.
   *
   * @param jvmFlags flags of the JVM, each as a separate argument, such as {@code -Xss4m}. They
   *     follow, and so override, those of Grain. If the JVM rejects a flag, the job fails with the
   *     error message of the JVM, and is not retried
   * @throws IllegalArgumentException if a flag is blank, contains blanks, or is not allowed
   */
  public JobOptions isolated(String... jvmFlags) {
    return in(Isolation.Jvm.ofWorker(jvmFlags));
  }

  /**
   * Sets what the job is isolated in: a {@linkplain Isolation#container container}, or, for a
   * function, a {@linkplain Isolation#jvm JVM}. Replaces {@link #isolated}.
   *
   * <p>Jobs in containers run only on workers that have a container engine, Docker or Podman. The
   * job waits without resources while the engine of a worker pulls the image. The variables,
   * placeholders, output, exit codes, time limits and cancellation of a command are as usual. Paths
   * in the command are those of the container, except that of the files for its standard streams.
   *
   * <p>A function runs in a JVM in the container, as {@link #isolated} describes. The image must
   * have Java 25 or later, as {@code java} on its {@code PATH} or in its {@code JAVA_HOME}. Its
   * container is reused by later jobs of the run with the same code, container, memory, GPUs and
   * number of cores.
   *
   * @throws NullPointerException if it is null
   */
  public JobOptions in(Isolation isolation) {
    Objects.requireNonNull(isolation, "isolation is null");
    return with(changed -> changed.isolation = isolation);
  }

  /**
   * Sets where the code of the job comes from; by default it is that of the program, and a command
   * runs what is installed on the worker. The job waits without resources while a worker gets the
   * code; see {@link Code}.
   */
  public JobOptions code(Code code) {
    Objects.requireNonNull(code, "code is null");
    return with(changed -> changed.code = code);
  }

  /**
   * Sets what is installed for the job before it starts, such as packages of Python. The job waits
   * without resources while a worker installs it.
   *
   * <p>A function that is not {@linkplain #isolated isolated} takes {@link Environment#maven} only,
   * as the others set environment variables.
   */
  public JobOptions environment(Environment environment) {
    Objects.requireNonNull(environment, "environment is null");
    return with(changed -> changed.environment = environment);
  }

  /**
   * Sets the key by which the {@linkplain RunOptions#journal journal} recognizes the job, instead
   * of its code, function and arguments. The job is then recognized even if the program has
   * changed. Change the key when you change what the job computes.
   *
   * <pre>{@code
   * JobOptions.of(cpu(3)).key("energy-v3", molecule.id())
   * }</pre>
   *
   * <p>The place where the job is submitted is part of its identity as well, and so is how often
   * the same key was used there before. Without a journal the key has no effect.
   *
   * @param words at least one; values of which two are the same if they encode to the same bytes,
   *     such as texts, numbers, enums and records of them
   * @throws IllegalArgumentException if there is none
   */
  public JobOptions key(@Nullable Object... words) {
    if (words.length == 0) {
      throw new IllegalArgumentException("key() needs at least one argument");
    }
    @Nullable Object[] own = words.clone();
    return with(changed -> changed.words = own);
  }

  /**
   * Returns the spec of a command with these options. {@link #key} is left out.
   *
   * @throws IllegalArgumentException if the command is a template, if the options have {@link
   *     #retryOn}, which is code, or if a file of the environment is not in UTF-8
   */
  public JobSpec toSpec(Command command) {
    return Specification.of(this, command);
  }

  /**
   * Returns the spec of a call of a function by its name with these options. {@link #key} is left
   * out.
   *
   * @param arguments are converted to JSON
   * @throws EncodingException if an argument has no JSON
   * @throws IllegalArgumentException as for a command
   * @throws IllegalStateException if the program has no Jackson 3
   */
  public JobSpec toSpec(FunctionRef<?> function, @Nullable Object... arguments) {
    return Specification.of(this, function, arguments);
  }

  /** Returns what the job needs. */
  public Resource resource() {
    return settings.resource;
  }

  String name() {
    return settings.name;
  }

  Retries retries() {
    return settings.retries;
  }

  @Nullable Predicate<? super Throwable> retryOn() {
    return settings.retryOn;
  }

  /** Returns the words that name the job for the journal; null if it is named by what it does. */
  @Nullable Object @Nullable [] words() {
    return settings.words;
  }

  @Nullable Duration timeLimit() {
    return settings.timeout;
  }

  double priority() {
    return settings.priority;
  }

  Code code() {
    return settings.code;
  }

  @Nullable Environment environment() {
    return settings.environment;
  }

  @Nullable Isolation isolation() {
    return settings.isolation;
  }

  boolean wantsPlatformThread() {
    return settings.platformThread;
  }

  @Override
  public String toString() {
    return settings.name.isEmpty()
        ? settings.resource.toString()
        : settings.name + ": " + settings.resource;
  }
}
