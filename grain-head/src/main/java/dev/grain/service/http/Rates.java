package dev.grain.service.http;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Limits how many requests a user sends: {@value #PER_SECOND} a second, of which as many may come
 * at once. For any thread.
 */
final class Rates {
  static final int PER_SECOND = 100;

  private static final long NANOS = TimeUnit.SECONDS.toNanos(1) / PER_SECOND;
  private static final long BURST = TimeUnit.SECONDS.toNanos(1);

  /** How many users are known before those are forgotten who have sent nothing for a while. */
  private static final int MANY = 10_000;

  private final LongSupplier nanoTime;

  // by user, when it would have sent all its requests at the rate; guarded by this
  private final Map<String, Long> spent = new HashMap<>();

  Rates(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Counts a request; returns after how many nanoseconds it may come if it is too much. */
  synchronized OptionalLong take(String user) {
    long now = nanoTime.getAsLong();
    if (spent.size() >= MANY) {
      spent.values().removeIf(each -> each - now <= 0);
    }
    long from = spent.getOrDefault(user, now);
    long next = (from - now > 0 ? from : now) + NANOS;
    long wait = next - now - BURST;
    if (wait > 0) {
      return OptionalLong.of(wait);
    }
    spent.put(user, next);
    return OptionalLong.empty();
  }
}
