package dev.grain.wire;

import dev.grain.wire.Hello.Role;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Tells whether two processes can work together, and if not, what to do. */
final class Compatibility {
  private static final Pattern RELEASE = Pattern.compile("(\\d+)\\.(\\d+)\\b.*");

  private Compatibility() {}

  /**
   * Compares the hellos of the two ends of a connection.
   *
   * @return the refusal, the same on both sides, or null if they fit
   */
  static @Nullable Refusal check(Hello dialing, Hello accepting) {
    if (dialing.role() == accepting.role()) {
      return new Refusal(Refusal.Code.OTHER, sameRole(dialing, accepting));
    }
    String difference = difference(dialing, accepting);
    return difference == null
        ? null
        : new Refusal(
            Refusal.Code.VERSION,
            "%s and %s are not compatible: %s"
                .formatted(dialing.describe(), accepting.describe(), difference));
  }

  private static String sameRole(Hello dialing, Hello accepting) {
    String met = dialing.describe() + " connected to " + accepting.describe();
    return switch (dialing.role()) {
      case HEAD -> met + ", but a head can connect only to workers. Name the address of a worker.";
      case WORKER ->
          met + ", but a worker can connect only to heads. Name an address where a head listens.";
      case INSPECTOR, PULSE -> met + ", which is not possible.";
    };
  }

  private static @Nullable String difference(Hello dialing, Hello accepting) {
    if (dialing.maxVersion() < accepting.minVersion()
        || accepting.maxVersion() < dialing.minVersion()) {
      return "they use protocol versions %s to %s and %s to %s (Grain %s and Grain %s). "
          .formatted(
              dialing.minVersion(),
              dialing.maxVersion(),
              accepting.minVersion(),
              accepting.maxVersion(),
              Printable.printable(dialing.release()),
              Printable.printable(accepting.release()))
          .concat("Install the same release on both.");
    }
    String release = line(dialing.release());
    String other = line(accepting.release());
    if (!release.equals(other)) {
      return ("they run Grain %s and Grain %s. Before 1.0, both must be the same minor release. "
              + "Install %s or %s on both.")
          .formatted(
              Printable.printable(dialing.release()),
              Printable.printable(accepting.release()),
              Printable.printable(release),
              Printable.printable(other));
    }
    return shipping(dialing, accepting);
  }

  /** Compares what matters only where code is shipped. */
  private static @Nullable String shipping(Hello dialing, Hello accepting) {
    if (dialing.role() == Role.INSPECTOR || accepting.role() == Role.INSPECTOR) {
      return null;
    }
    if (dialing.java() != accepting.java()) {
      return ("they run on Java %s and Java %s. Functions are sent as bytecode, so both must run on "
              + "the same Java version.")
          .formatted(dialing.java(), accepting.java());
    }
    if (!dialing.codec().equals(accepting.codec())) {
      return ("they encode values with %s and %s (Grain %s and Grain %s). Install the same release "
              + "on both.")
          .formatted(
              Printable.printable(dialing.codec()),
              Printable.printable(accepting.codec()),
              Printable.printable(dialing.release()),
              Printable.printable(accepting.release()));
    }
    return null;
  }

  /** Returns the releases that a release works with: from 1.0 on those of the same major number. */
  private static String line(String release) {
    Matcher parts = RELEASE.matcher(release);
    if (!parts.matches()) {
      return release;
    }
    return parts.group(1).equals("0") ? "0." + parts.group(2) + ".x" : parts.group(1) + ".x";
  }
}
