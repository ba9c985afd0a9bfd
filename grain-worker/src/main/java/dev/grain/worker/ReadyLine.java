package dev.grain.worker;

import dev.grain.resource.internal.Amounts;

/**
 * The one line that a worker prints to its standard output, for people and for scripts: {@code
 * grain-worker NAME ready on HOST:PORT: OFFER (heap SIZE)}. What stands before {@code OFFER} stays
 * as it is from release to release.
 */
final class ReadyLine {
  private ReadyLine() {}

  /**
   * Returns the line.
   *
   * @param address where it listens; not used if it only dials
   * @param heap in bytes
   */
  static String of(WorkerOptions options, String address, long heap) {
    return "grain-worker %s %s: %s (heap %s)"
        .formatted(
            options.name(),
            options.port() == null
                ? "ready, dialing " + String.join(", ", options.heads())
                : "ready on " + address,
            options.offer(),
            Amounts.readableMemory(heap));
  }
}
