package dev.grain.wire;

import java.time.Duration;

/**
 * What the connections of an endpoint keep to.
 *
 * @param hello how long an address may take to be reached, and after that the peer to greet
 * @param heartbeat after which time each side gives a sign of life
 * @param suspicion after how long without one the peer counts as lost
 * @param greeting how many connections may be greeting at once; beyond it the oldest gives way
 * @param lowWater below how many bytes that wait to be sent a connection is writable again
 * @param highWater above how many bytes that wait to be sent it is not writable
 */
public record ConnectionLimits(
    Duration hello,
    Duration heartbeat,
    Duration suspicion,
    int greeting,
    int lowWater,
    int highWater) {
  /** What suits a network. */
  public static final ConnectionLimits DEFAULT =
      new ConnectionLimits(
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Duration.ofSeconds(15),
          64,
          512 * 1024,
          1024 * 1024);

  private static final String SUSPICION = "dev.grain.suspicion";

  /**
   * Returns the default, unless the system property {@code dev.grain.suspicion}, which is for
   * tests, sets after how many milliseconds without a heartbeat the peer counts as lost; heartbeats
   * are then sent three times as often.
   */
  public static ConnectionLimits ofThisProcess() {
    Duration suspicion = Duration.ofMillis(Long.getLong(SUSPICION, DEFAULT.suspicion.toMillis()));
    return new ConnectionLimits(
        DEFAULT.hello,
        suspicion.dividedBy(3),
        suspicion,
        DEFAULT.greeting,
        DEFAULT.lowWater,
        DEFAULT.highWater);
  }

  /** Checks the ranges. */
  public ConnectionLimits {
    if (!hello.isPositive() || !heartbeat.isPositive() || suspicion.compareTo(heartbeat) < 0) {
      throw new IllegalArgumentException(
          "Hello within %s, heartbeat each %s, suspicion after %s"
              .formatted(hello, heartbeat, suspicion));
    }
    if (greeting <= 0 || lowWater <= 0 || highWater < lowWater) {
      throw new IllegalArgumentException(
          "%s connections that greet, water marks %s and %s"
              .formatted(greeting, lowWater, highWater));
    }
  }
}
