package dev.grain;

import dev.grain.job.Request;
import dev.grain.resource.Resource;
import dev.grain.resource.internal.Durations;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request with more said about the job. Immutable: each method returns a changed copy.
 *
 * <pre>{@code
 * wg.submit(JobOptions.of(cpu(3)).named("energy").retries(2).timeout(ofMinutes(5)), Jobs::energy, m);
 * }</pre>
 */
public final class JobOptions implements Request {
  private final Resource resource;
  private final String name;
  private final int retries;
  private final @Nullable Duration timeout;
  private final boolean platformThread;

  private JobOptions(
      Resource resource,
      String name,
      int retries,
      @Nullable Duration timeout,
      boolean platformThread) {
    this.resource = Objects.requireNonNull(resource, "resource is null");
    this.name = Objects.requireNonNull(name, "name is null");
    this.retries = retries;
    this.timeout = timeout;
    this.platformThread = platformThread;
  }

  /** Returns options that say no more than what the job needs. */
  public static JobOptions of(Resource resource) {
    return new JobOptions(resource, "", 0, null, false);
  }

  /** Gives the job a name, which messages and outputs show. */
  public JobOptions named(String name) {
    return new JobOptions(resource, name, retries, timeout, platformThread);
  }

  /**
   * Runs the job again when its function throws, or when it runs into its time limit.
   *
   * @param retries how many further attempts there may be; 0 or more. Attempts that are lost with a
   *     worker do not count
   * @throws IllegalArgumentException if it is negative
   */
  public JobOptions retries(int retries) {
    if (retries < 0) {
      throw new IllegalArgumentException("retries is negative: " + retries);
    }
    return new JobOptions(resource, name, retries, timeout, platformThread);
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
    return new JobOptions(resource, name, retries, timeout, platformThread);
  }

  /**
   * Runs the job on a platform thread, for code that keeps its thread busy in native calls or
   * relies on thread identity. Thread locals that a job leaves behind may be seen by later jobs.
   */
  public JobOptions platformThread() {
    return new JobOptions(resource, name, retries, timeout, true);
  }

  /** Returns what the job needs. */
  public Resource resource() {
    return resource;
  }

  String name() {
    return name;
  }

  int maxRetries() {
    return retries;
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
