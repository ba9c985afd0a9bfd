package dev.grain.worker;

import dev.grain.Enforce;
import dev.grain.node.confine.Enforcement;
import dev.grain.resource.internal.Amounts;
import dev.grain.wire.Address;
import java.time.Instant;
import java.time.ZoneId;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The one line that a worker prints to its standard output, for people and for scripts: {@code
 * grain-worker NAME ready on HOST:PORT: OFFER (heap SIZE)}, and {@code , until TIME} if that is
 * known, what is enforced how, and whether it runs containers. What stands before {@code OFFER}
 * stays as it is from release to release.
 */
final class ReadyLine {
  private ReadyLine() {}

  /**
   * Returns the line.
   *
   * @param address where it listens, null if it only dials
   * @param hostName what others know this machine by, if it listens on all of its addresses
   * @param heap in bytes
   * @param enforcement what keeps jobs to what they hold
   */
  static String of(
      WorkerOptions options,
      @Nullable Address address,
      String hostName,
      long heap,
      Enforcement enforcement) {
    Instant until = options.until();
    return "grain-worker %s %s: %s (heap %s)%s, %s%s"
        .formatted(
            options.name(),
            address == null ? dialing(options) : listening(options, address, hostName),
            options.offer(),
            Amounts.readableMemory(heap),
            until == null ? "" : ", until " + Until.readable(until, ZoneId.systemDefault()),
            enforcing(options, enforcement),
            options.offer().hasEngine() ? ", runs containers" : "");
  }

  private static String enforcing(WorkerOptions options, Enforcement enforcement) {
    String pinned = options.pin() ? "; functions pinned" : "";
    String better =
        options.enforcement().mode() != Enforce.OFF && enforcement.advice() != null
            ? " (for control groups, see --help)"
            : "";
    return "enforcing " + enforcement.description() + better + pinned;
  }

  private static String listening(WorkerOptions options, Address address, String hostName) {
    String host = options.host() == null ? hostName : options.host();
    return "ready on " + new Address(host, address.port());
  }

  private static String dialing(WorkerOptions options) {
    return options.heads().stream()
        .map(Address::toString)
        .collect(Collectors.joining(", ", "ready, dialing ", ""));
  }
}
