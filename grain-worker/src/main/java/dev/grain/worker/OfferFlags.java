package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;

import dev.grain.resource.internal.Amounts;
import dev.grain.resource.internal.Ids;
import dev.grain.resource.internal.Names;
import dev.grain.resource.internal.Offer;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The flags on the command line for the offer of a worker. It replaces what was found on the
 * machine or adds to it.
 *
 * @param cpus the number of cores, null for those found
 * @param memory in bytes, null for 80 % of what the process may use
 * @param ownHeap whether the heap has a size of its own, so that memory is also for commands
 * @param resources each as {@code NAME=AMOUNT} or {@code NAME=IDS}
 */
record OfferFlags(
    @Nullable Integer cpus, @Nullable Long memory, boolean ownHeap, List<String> resources) {
  /** More than any machine has. Each may become a thread. */
  private static final int MAX_CPUS = 10_000;

  OfferFlags {
    resources = List.copyOf(resources);
  }

  /**
   * Returns the offer on that machine.
   *
   * @throws IllegalArgumentException naming the flag and what would be right
   */
  Offer on(Host host) {
    Offer offer = host.detected().withMemory(memoryOn(host));
    if (offer.memory() > host.heap()) {
      offer = offer.withHeap(host.heap());
    }
    if (cpus != null) {
      if (cpus < 1 || cpus > MAX_CPUS) {
        throw new IllegalArgumentException(
            "--cpus %s: offer from 1 to %s cores".formatted(cpus, MAX_CPUS));
      }
      offer = offer.withCores(Offer.of(cpu(cpus), host.detected()).cores());
    }
    Set<String> names = new HashSet<>();
    for (String resource : resources) {
      offer = with(resource, names, offer);
    }
    return offer;
  }

  /** Returns a sentence about cores that the machine does not have, or null if it has them. */
  @Nullable String warningOn(Host host) {
    int found = host.detected().coreCount();
    return cpus == null || cpus <= found
        ? null
        : "--cpus offers %s cores, but this process may use only %s. Jobs will share them."
            .formatted(cpus, found);
  }

  private long memoryOn(Host host) {
    long limit = host.detected().memory();
    if (memory == null) {
      long held = HeapSize.offeredWith(host.heap());
      if (ownHeap && limit > 0) {
        return HeapSize.offeredOf(limit);
      }
      return limit == 0 ? held : Math.min(held, HeapSize.offeredOf(limit));
    }
    if (memory < HeapSize.LEAST_OFFER) {
      throw new IllegalArgumentException(
          "--memory: %s is less than a worker needs; offer at least %s."
              .formatted(
                  Amounts.readableMemory(memory), Amounts.readableMemory(HeapSize.LEAST_OFFER)));
    }
    if (memory > host.heap() && !ownHeap) {
      throw new IllegalArgumentException(tooMuch(memory, host.heap(), limit));
    }
    return memory;
  }

  private static String tooMuch(long memory, long heap, long limit) {
    String allowed =
        limit == 0
            ? ""
            : ", but this process may use only " + Amounts.readableMemory(limit) + " in all";
    return """
    --memory: %s is more than this worker can hold: its heap has %s%s. Offer at most %sMiB. \
    The launcher sizes the heap by --memory, unless GRAIN_JAVA_OPTS has an -Xmx of its own. \
    If jobs are commands, which need no heap, set the heap size with --heap.\
    """
        .formatted(
            Amounts.readableMemory(memory),
            Amounts.readableMemory(heap),
            allowed,
            HeapSize.offeredWith(heap) >> 20);
  }

  private static Offer with(String resource, Set<String> names, Offer offer) {
    int sign = resource.indexOf('=');
    if (sign < 1 || sign == resource.length() - 1) {
      throw new IllegalArgumentException(
          "--resource "
              + resource
              + ": write NAME=AMOUNT or NAME=IDS, for example TEMPERATURE_SENSOR=1 or "
              + "PORT=8000-8009");
    }
    String name = resource.substring(0, sign);
    String value = resource.substring(sign + 1);
    ensureNotBuiltIn(resource, name);
    if (!names.add(name)) {
      throw new IllegalArgumentException(
          "--resource %s: %s is named twice; give the sum of its amounts, or all of its ids"
              .formatted(resource, name));
    }
    try {
      Names.ensureFree("custom", name);
      return Ids.isList(value)
          ? offer.withIds(name, Ids.parse(value))
          : offer.withCustom(name, Amounts.ofCustom(name, Double.parseDouble(value)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "--resource %s: '%s' is neither a number nor a list of ids; write for example %s=1 or %s=a,b"
              .formatted(resource, value, name, name),
          e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--resource " + resource + ": " + e.getMessage(), e);
    }
  }

  private static void ensureNotBuiltIn(String resource, String name) {
    String instead =
        switch (name.toLowerCase(Locale.ROOT)) {
          case "cpu", "cpus", "core", "cores" -> "cores are offered by --cpus";
          case "memory" -> "memory is offered by --memory";
          case "heap" -> "the size of the heap is set by --heap";
          case "gpu", "gpus" -> "GPUs are detected; limit them by CUDA_VISIBLE_DEVICES";
          default -> null;
        };
    if (instead != null) {
      throw new IllegalArgumentException("--resource " + resource + ": " + instead);
    }
  }
}
