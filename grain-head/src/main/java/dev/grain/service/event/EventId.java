package dev.grain.service.event;

import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How a listener names the change up to which it knows all.
 *
 * @param life which life of the head has numbered it; each begins with 1
 */
record EventId(String life, long number) {
  /** Returns what stands for this life of the head, and for no other. */
  static String newLife() {
    return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
  }

  /** Reads an id; empty if it is none. */
  static Optional<EventId> parse(String text) {
    int dash = text.indexOf('-');
    try {
      return dash < 0
          ? Optional.empty()
          : Optional.of(
              new EventId(text.substring(0, dash), Long.parseLong(text.substring(dash + 1))));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return life + "-" + number;
  }
}
