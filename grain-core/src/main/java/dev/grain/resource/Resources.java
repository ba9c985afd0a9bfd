package dev.grain.resource;

import dev.grain.Resource;
import dev.grain.resource.internal.Amounts;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Kind;
import dev.grain.resource.internal.Names;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Factory methods for the resources that a job can request.
 *
 * <p>Amounts are exact: cores, GPUs and custom kinds have up to four decimals, memory counts in
 * bytes. Every method throws {@link IllegalArgumentException} for an amount out of its range; the
 * message states what is allowed.
 *
 * <pre>{@code
 * wg.submit(cpu(3).and(memory("4GiB")), Jobs::energy, molecule);
 * }</pre>
 */
public final class Resources {
  // what most jobs ask for, made once; immutable, so it does not matter which thread sets one
  private static final @Nullable Resource[] WHOLE_CORES = new @Nullable Resource[65];

  private Resources() {}

  /**
   * Requests cores.
   *
   * <p>A whole number gives that many cores to this job alone. A fraction comes from one core,
   * which the job shares with others: {@code cpu(2.5)} gives two cores and half of a third.
   *
   * <p>Example: {@code cpu(3)}
   *
   * @param cores above 0, up to 1,000,000, with up to four decimals
   */
  public static Resource cpu(double cores) {
    int whole = (int) cores;
    if (whole != cores || whole < 1 || whole >= WHOLE_CORES.length) {
      return Demand.of(Kind.CPU, Amounts.ofCores(cores));
    }
    Resource known = WHOLE_CORES[whole];
    if (known == null) {
      known = Demand.of(Kind.CPU, Amounts.ofCores(cores));
      WHOLE_CORES[whole] = known;
    }
    return known;
  }

  /**
   * Requests memory.
   *
   * <p>Memory is enforced for commands and isolated functions; for other functions it is only
   * counted. Fractions of a byte are dropped.
   *
   * <p>Example: {@code memory("1.5GiB")}
   *
   * @param size a number and one of the units B, kB, MB, GB, TB (powers of 1000), KiB, MiB, GiB,
   *     TiB (powers of 1024), with spaces between them or not; at least 1 byte, up to 1 EiB
   */
  public static Resource memory(String size) {
    return Demand.of(Kind.MEMORY, Amounts.ofMemory(size));
  }

  /**
   * Requests memory in bytes.
   *
   * <p>Example: {@code memory(2 * input.length)}
   *
   * @param bytes at least 1, up to 1 EiB
   */
  public static Resource memory(long bytes) {
    return Demand.of(Kind.MEMORY, Amounts.ofMemory(bytes));
  }

  /**
   * Requests GPUs.
   *
   * <p>A whole number gives that many GPUs to this job alone. A fraction comes from one GPU, which
   * the job shares with others.
   *
   * <p>Example: {@code gpu(0.25)}
   *
   * @param gpus above 0, up to 1,000,000, with up to four decimals
   */
  public static Resource gpu(double gpus) {
    return Demand.of(Kind.GPU, Amounts.ofGpus(gpus));
  }

  /**
   * Requests particular GPUs, exclusively. The job waits until all of them are free on one worker.
   *
   * <p>Example: {@code gpuIds("0,2")}
   *
   * @param ids the ids that workers offer, separated by commas; {@code 0-3} denotes four ids
   */
  public static Resource gpuIds(String ids) {
    return Demand.ofGpuIds(ids);
  }

  /**
   * Requests whole cores and memory: {@code cpu(cores).and(memory(memory))}.
   *
   * <p>Example: {@code node(8, "32GiB")}
   *
   * @param cores at least 1, up to 1,000,000
   * @param memory as {@link #memory(String)} takes it
   */
  public static Resource node(int cores, String memory) {
    return cpu(cores).and(memory(memory));
  }

  /**
   * Requests an amount of a custom resource, which workers declare.
   *
   * <p>On a worker that declares ids, the job gets that many units exclusively, whose ids {@link
   * dev.grain.Allocation#ids} returns; a fraction of a unit takes a whole one.
   *
   * <p>Example: {@code custom("TEMPERATURE_SENSOR", 1)}
   *
   * @param name 1 to 100 ASCII letters, digits, {@code _}, {@code -} and {@code .}; not the name of
   *     a kind that this class has a factory for
   * @param amount above 0, up to 1,000,000,000, with up to four decimals
   */
  public static Resource custom(String name, double amount) {
    Names.ensureFree("custom", name);
    return Demand.of(Kind.custom(name), Amounts.ofCustom(name, amount));
  }

  /**
   * Requests particular units of a custom resource, exclusively. The job waits until all of them
   * are free on one worker.
   *
   * <p>In an offer, such as {@code RunOptions.local}, declares a kind whose units have these ids.
   *
   * <p>Example: {@code customIds("PORT", "8000,8003")}
   *
   * @param name as for {@link #custom}
   * @param ids up to 1,000 ids that workers declare, separated by commas: each 1 to 100 ASCII
   *     characters other than blanks and commas; {@code 8000-8009} denotes ten ids
   */
  public static Resource customIds(String name, String ids) {
    return Demand.ofCustomIds(name, ids);
  }

  /**
   * Requests a worker that has the token. Jobs do not use up a token: any number of them may run
   * there at the same time.
   *
   * <p>Example: {@code token("licence")}
   *
   * @param name 1 to 100 ASCII letters, digits, {@code _}, {@code -} and {@code .}; not the name of
   *     a kind that this class has a factory for
   */
  public static Resource token(String name) {
    Names.ensureFree("token", name);
    return Demand.of(Kind.token(name), 1);
  }

  /**
   * Requests job places, for workers that limit the number of concurrent jobs. A worker without
   * such a limit has any number of places.
   *
   * <p>Example: {@code capacity(1)}
   *
   * @param places at least 1, up to 1,000,000
   */
  public static Resource capacity(int places) {
    return Demand.of(Kind.CAPACITY, Amounts.ofPlaces(places));
  }

  /**
   * Sets the expected and the maximum run time of the job.
   *
   * <p>Example: {@code wallTime(Duration.ofMinutes(5), Duration.ofMinutes(20))}
   *
   * @param soft the expected run time: the job is not started on a worker that has less time left;
   *     above zero, at most {@code hard}
   * @param hard the maximum run time, after which the job is ended; up to 3,650 days
   */
  public static Resource wallTime(Duration soft, Duration hard) {
    return Demand.ofWallTime(soft, hard);
  }

  /**
   * Sets the maximum run time of the job. It is not started on a worker that has less time left,
   * and is ended after this time.
   *
   * <p>Example: {@code wallTime(Duration.ofHours(2))}
   *
   * @param limit above zero, up to 3,650 days
   */
  public static Resource wallTime(Duration limit) {
    return wallTime(limit, limit);
  }

  /**
   * Requests nothing: the job runs in the program's own process, within the program's limit for
   * such jobs.
   *
   * <p>Example: {@code none()}
   */
  public static Resource none() {
    return Demand.NONE;
  }
}
