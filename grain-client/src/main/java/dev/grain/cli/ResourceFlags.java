package dev.grain.cli;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.gpu;
import static dev.grain.resource.Resources.memory;

import dev.grain.Enforce;
import dev.grain.Resource;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags for what jobs request, and how they are kept to it. Picocli sets them once. */
public final class ResourceFlags {
  @Option(
      names = "--cpus",
      paramLabel = "N",
      converter = Converters.Amount.class,
      description = "Cores of each job, such as 4 or 0.5. Default: 1.")
  private @Nullable Double cpus;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = "Memory of each job, such as 8GiB.")
  private @Nullable String memory;

  @Option(
      names = "--gpus",
      paramLabel = "N",
      converter = Converters.Amount.class,
      description = "GPUs of each job.")
  private @Nullable Double gpus;

  @Option(
      names = "--enforce",
      paramLabel = "MODE",
      converter = Converters.EnforceMode.class,
      description =
          "Limit jobs to their cores and memory: off, best (by the best available mechanism) or"
              + " require (by control groups, or fail). Default: limit only memory, as with"
              + " best.")
  private @Nullable Enforce enforce;

  @Option(
      names = {"--time-limit", "--timeout"},
      paramLabel = "TIME",
      converter = Converters.Time.class,
      description = "Stop each attempt of a job after this time, such as 30s, 5m or 2h.")
  private @Nullable Duration timeLimit;

  /** Makes flags that are not set. */
  public ResourceFlags() {}

  /** Returns whether they name anything that a job requests. */
  public boolean isGiven() {
    return cpus != null || memory != null || gpus != null;
  }

  /**
   * Returns what each job requests.
   *
   * @param unnamed what it requests instead of cores, if they are not named
   * @throws IllegalArgumentException if an amount is wrong
   */
  public Resource request(Resource unnamed) {
    Resource request = cpus == null ? unnamed : cpu(cpus);
    if (memory != null) {
      request = request.and(memory(memory));
    }
    return gpus == null ? request : request.and(gpu(gpus));
  }

  /** Returns whether the cores of a job are named. */
  public boolean hasCpus() {
    return cpus != null;
  }

  /** Returns how strictly jobs are kept to their requests; null for the usual. */
  public @Nullable Enforce enforce() {
    return enforce;
  }

  /** Returns how long each attempt may take; null for any time. */
  public @Nullable Duration timeLimit() {
    return timeLimit;
  }
}
