package dev.grain.service.http;

import java.time.Clock;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * What time it is for a server.
 *
 * @param nanoTime by which requests are counted
 * @param pulse how often something is written to listeners, and looked whether their tokens are
 *     still valid
 */
record Timing(Clock clock, LongSupplier nanoTime, Duration pulse) {
  static final Timing USUAL =
      new Timing(Clock.systemUTC(), System::nanoTime, Duration.ofSeconds(15));
}
