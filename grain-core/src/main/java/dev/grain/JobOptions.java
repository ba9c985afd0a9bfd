package dev.grain;

import dev.grain.job.Request;
import dev.grain.job.Resource;
import dev.grain.schedule.Retries;
import dev.grain.text.Durations;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A request with more said about the job. Immutable: each method returns a changed copy.
 *
 * <pre>{@code
 * wg.submit(JobOptions.of(cpu(3)).named("energy").retries(2).timeout(ofMinutes(5)), Jobs::energy, m);
 * }</pre>
 */
public final class JobOptions implements Request {
  private static final double DOUBLING = 2;
  private static final Duration LONGEST_BACKOFF = Duration.ofMinutes(5);
  private static final Duration LONGEST_WAIT = Duration.ofDays(365);

  private final Resource resource;
  private final String name;
  private final Retries retries;
  private final @Nullable Predicate<? super Throwable> retryOn;
  private final @Nullable Duration timeout;
  private final boolean platformThread;
  private final @Nullable Object @Nullable [] words;

  private JobOptions(
      Resource resource,
      String name,
      Retries retries,
      @Nullable Predicate<? super Throwable> retryOn,
      @Nullable Duration timeout,
      boolean platformThread,
      @Nullable Object @Nullable [] words) {
    this.resource = Objects.requireNonNull(resource, "resource is null");
    this.name = Objects.requireNonNull(name, "name is null");
    this.retries = retries;
    this.retryOn = retryOn;
    this.timeout = timeout;
    this.platformThread = platformThread;
    this.words = words;
  }

  /** Returns options that say no more than what the job needs. */
  public static JobOptions of(Resource resource) {
    return new JobOptions(resource, "", Retries.NONE, null, null, false, null);
  }

  /** Gives the job a name, which messages and outputs show. */
  public JobOptions named(String name) {
    return new JobOptions(resource, name, retries, retryOn, timeout, platformThread, words);
  }

  /**
   * Runs the job again when its function throws, or when it runs into its time limit.
   *
   * @param retries how many further attempts there may be; 0 or more. Attempts that are lost with a
   *     worker, or that a worker could not start, do not count
   * @throws IllegalArgumentException if it is negative
   */
  public JobOptions retries(int retries) {
    if (retries < 0) {
      throw new IllegalArgumentException("retries is negative: " + retries);
    }
    return with(
        new Retries(
            retries,
            this.retries.first(),
            this.retries.factor(),
            this.retries.longest(),
            this.retries.asks()));
  }

  /**
   * Has further attempts wait: the first of them for this long, each next one twice as long as the
   * one before, at most 5 minutes (or as long as the first, if that is more). Without it they do
   * not wait.
   *
   * @param first not negative
   * @throws IllegalArgumentException if it is negative
   */
  public JobOptions backoff(Duration first) {
    return backoff(first, DOUBLING, first.compareTo(LONGEST_BACKOFF) > 0 ? first : LONGEST_BACKOFF);
  }

  /**
   * Has further {@linkplain #retries(int) attempts} wait. While it waits the job is {@code QUEUED}
   * and holds nothing. The waits are exactly these; there is no chance in them. Attempts after a
   * lost worker do not wait.
   *
   * @param first how long the first further attempt waits; not negative
   * @param factor how many times longer each next one waits; at least 1
   * @param most how long one waits at most; not less than {@code first}
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
    return with(
        new Retries(retries.most(), first.toNanos(), factor, most.toNanos(), retries.asks()));
  }

  /**
   * Says after which failures there is a further {@linkplain #retries(int) attempt}; without it,
   * after all. For example {@code retryOn(e -> e instanceof IOException)}.
   *
   * <p>The predicate runs in the program, on a virtual thread of the run. It is given what the
   * function threw, or a {@code JobTimedOutException} if the job ran into its time limit. If the
   * predicate throws, the job has failed, and what it threw is among the suppressed exceptions of
   * the job's.
   */
  public JobOptions retryOn(Predicate<? super Throwable> retryOn) {
    Objects.requireNonNull(retryOn, "retryOn is null");
    Retries asking =
        new Retries(retries.most(), retries.first(), retries.factor(), retries.longest(), true);
    return new JobOptions(resource, name, asking, retryOn, timeout, platformThread, words);
  }

  private JobOptions with(Retries changed) {
    return new JobOptions(resource, name, changed, retryOn, timeout, platformThread, words);
  }

  /**
   * Limits how long each attempt may run, from the start of its function; time in the queue does
   * not count. At the limit the job is interrupted and ends with a {@code JobTimedOutException}.
   *
   * @param timeout more than zero
   * @throws IllegalArgumentException if it is zero or negative
   */
  public JobOptions timeout(Duration timeout) {
    if (!timeout.isPositive()) {
      throw new IllegalArgumentException("timeout is not positive: " + Durations.readable(timeout));
    }
    return new JobOptions(resource, name, retries, retryOn, timeout, platformThread, words);
  }

  /**
   * Runs the job on a platform thread, for code that keeps its thread busy in native calls or
   * relies on thread identity. Thread locals that a job leaves behind may be seen by later jobs.
   */
  public JobOptions platformThread() {
    return new JobOptions(resource, name, retries, retryOn, timeout, true, words);
  }

  /**
   * Names the job for the {@linkplain RunOptions#journal journal} by words of the program's own,
   * which take the place of its code, function and arguments. So it is known again although the
   * program has changed; whoever changes what the job does changes a word.
   *
   * <pre>{@code
   * JobOptions.of(cpu(3)).key("energy-v3", molecule.id())
   * }</pre>
   *
   * <p>The place where the job is submitted counts all the same, and so does how often the words
   * were used there before. Without a journal it does nothing.
   *
   * @param words at least one; values of which two are the same if they encode to the same bytes,
   *     such as texts, numbers, enums and records of them
   * @throws IllegalArgumentException if there is none
   */
  public JobOptions key(@Nullable Object... words) {
    if (words.length == 0) {
      throw new IllegalArgumentException("key() needs at least one word");
    }
    return new JobOptions(resource, name, retries, retryOn, timeout, platformThread, words.clone());
  }

  /** Returns what the job needs. */
  public Resource resource() {
    return resource;
  }

  String name() {
    return name;
  }

  Retries retries() {
    return retries;
  }

  @Nullable Predicate<? super Throwable> retryOn() {
    return retryOn;
  }

  /** Returns the words that name the job for the journal; null if it is named by what it does. */
  @Nullable Object @Nullable [] words() {
    return words;
  }

  @Nullable Duration timeLimit() {
    return timeout;
  }

  boolean wantsPlatformThread() {
    return platformThread;
  }

  @Override
  public String toString() {
    return name.isEmpty() ? resource.toString() : name + ": " + resource;
  }
}
