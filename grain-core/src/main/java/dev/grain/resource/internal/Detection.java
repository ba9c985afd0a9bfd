package dev.grain.resource.internal;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Finds out what a machine has for jobs: the cores, the memory and the GPUs that this process may
 * use.
 *
 * <p>Cores are those of the affinity mask and of the control groups; a processor quota, the number
 * that was passed to the JVM and a Slurm allocation limit how many of them, whichever leaves the
 * fewest. Memory is the least of the machine's, the control groups' and the Slurm allocation's.
 */
public final class Detection {
  private final Machine machine;
  private final ProbeCommands commands;
  private final int processors;
  private final LongSupplier physicalMemory;

  /**
   * Prepares a look at a machine.
   *
   * @param root the root of its file system
   * @param environment its environment variables
   * @param commands runs programs there
   * @param processors how many processors the JVM counts
   * @param physicalMemory the bytes of memory, used where the file system does not show it
   */
  Detection(
      Path root,
      Map<String, String> environment,
      ProbeCommands commands,
      int processors,
      LongSupplier physicalMemory) {
    this.machine = new Machine(root, environment);
    this.commands = commands;
    this.processors = processors;
    this.physicalMemory = physicalMemory;
  }

  /**
   * Returns what this machine offers to this process.
   *
   * <p>It reads a few files. Where {@code nvidia-smi} is installed and no variable sets which GPUs
   * are visible, it is started, for at most 5 seconds.
   */
  public static Offer detect() {
    return ofThisMachine().offer();
  }

  /**
   * Returns the bytes of memory that this process may use, 0 if that is unknown.
   *
   * <p>It reads a few files, and starts no other process.
   */
  public static long memoryLimit() {
    return ofThisMachine().limits().memory();
  }

  private static Detection ofThisMachine() {
    return new Detection(
        Path.of("/"),
        System.getenv(),
        ProbeCommands.ofThisMachine(),
        Runtime.getRuntime().availableProcessors(),
        Detection::askSystem);
  }

  private static long askSystem() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : 0;
  }

  /** Returns what the machine offers. */
  Offer offer() {
    MachineLimits limits = limits();
    List<String> gpus = new Gpus(machine, commands).ids();
    return Offer.EMPTY.withCores(limits.cores()).withMemory(limits.memory()).withGpus(gpus);
  }

  private MachineLimits limits() {
    MachineLimits limits = new MachineLimits();
    allowAffinity(limits);
    limits.allowCoreCount(processors);
    allowInstalledMemory(limits);
    new ControlGroups(machine, limits).apply();
    new Slurm(machine).apply(limits);
    return limits;
  }

  private void allowAffinity(MachineLimits limits) {
    for (String line : machine.lines("/proc/self/status")) {
      if (line.startsWith("Cpus_allowed_list:")) {
        limits.allowCores(IdList.parse(line.substring(line.indexOf(':') + 1)));
      }
    }
    if (!limits.knowsCores()) {
      BitSet counted = new BitSet();
      counted.set(0, processors);
      limits.allowCores(counted);
    }
  }

  private void allowInstalledMemory(MachineLimits limits) {
    for (String line : machine.lines("/proc/meminfo")) {
      if (line.startsWith("MemTotal:") && line.endsWith(" kB")) {
        long kibibytes = IdList.number(line.substring(9, line.length() - 3));
        limits.allowMemory(kibibytes < 0 ? -1 : kibibytes << 10);
      }
    }
    if (!limits.knowsMemory()) {
      limits.allowMemory(Math.max(0, physicalMemory.getAsLong()));
    }
  }
}
