package dev.grain.minion;

import dev.grain.text.Durations;
import dev.grain.text.Spelling;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which queue, as people write it: {@code file:sweeps}, {@code file:/data/sweeps?lease=1m} or
 * {@code kafka://broker:9092/params}.
 *
 * @param scheme which kind of queue, in small letters
 * @param rest what follows the colon, without the parameters
 * @param parameters what follows the question mark, decoded
 */
public record QueueAddress(String scheme, String rest, SequencedMap<String, String> parameters) {
  private static final Pattern FORM = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):([^?]*)(\\?.*)?");

  /**
   * A password, or what may be one: people forget to write @, / and ? as %40, %2F and %3F, so it
   * may reach to the last @, or if it is no port, to the end.
   */
  private static final Pattern PASSWORD =
      Pattern.compile("(//[^/@?:\\[]*:)(?:.*(?=@)|(?!\\d{1,5}(?:[/,?]|$)).*)", Pattern.DOTALL);

  private static final Pattern TIME = Pattern.compile("(\\d{1,6})(ms|s|m|h|d)");

  /**
   * Reads an address.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static QueueAddress parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches() || matcher.group(2).isEmpty()) {
      throw new IllegalArgumentException(
          ("'%s' is not the address of a queue. Write the kind, a colon and the place, such as"
                  + " file:%s or kafka://broker:9092/topic.")
              .formatted(
                  withoutPassword(text),
                  text.isEmpty() || text.indexOf(':') >= 0 ? "sweeps" : text));
    }
    SequencedMap<String, String> parameters = new LinkedHashMap<>();
    if (matcher.group(3) != null) {
      for (String each : matcher.group(3).substring(1).split("&", -1)) {
        int equals = each.indexOf('=');
        if (equals < 1) {
          throw new IllegalArgumentException(
              "The address '%s' has '%s' where a parameter must be: write NAME=VALUE."
                  .formatted(withoutPassword(text), each.substring(each.indexOf('@') + 1)));
        }
        parameters.put(
            each.substring(0, equals),
            URLDecoder.decode(each.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return new QueueAddress(
        matcher.group(1).toLowerCase(Locale.ROOT), matcher.group(2), parameters);
  }

  /** Returns what follows the colon, without the slashes before the name of a host. */
  public String path() {
    return rest.startsWith("//") ? rest.substring(2) : rest;
  }

  /**
   * Refuses parameters that a kind of queues does not know.
   *
   * @throws QueueException if there is one; the message names the nearest that is known
   */
  public void ensureOnly(String... known) throws QueueException {
    for (String name : parameters.keySet()) {
      if (!List.of(known).contains(name)) {
        String near = Spelling.nearest(name, List.of(known));
        throw new QueueException(
            "The address %s has the unknown parameter '%s'%s Known are %s."
                .formatted(
                    this,
                    name,
                    near == null ? "." : "; did you mean '" + near + "'?",
                    String.join(", ", known)));
      }
    }
  }

  /**
   * Returns the time that a parameter says, such as {@code 500ms}, {@code 30s}, {@code 5m}, {@code
   * 2h} or {@code 1d}.
   *
   * @param otherwise the time if there is no such parameter
   * @throws QueueException if it is no time
   */
  public Duration time(String name, Duration otherwise) throws QueueException {
    String text = parameters.get(name);
    if (text == null) {
      return otherwise;
    }
    Matcher matcher = TIME.matcher(text);
    if (!matcher.matches()) {
      throw new QueueException(
          "The address %s has %s=%s: write a whole number and ms, s, m, h or d, such as 30s."
              .formatted(this, name, text));
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      default -> Duration.ofDays(number);
    };
  }

  /**
   * Returns the time that a parameter says, as {@link #time(String, Duration)} does.
   *
   * @param least the shortest time that is possible
   * @throws QueueException if it is no time, or shorter
   */
  public Duration time(String name, Duration otherwise, Duration least) throws QueueException {
    Duration time = time(name, otherwise);
    if (time.compareTo(least) < 0) {
      throw new QueueException(
          "A %s of %s is too short for the queue %s; the least is %s."
              .formatted(name, Durations.readable(time), this, Durations.readable(least)));
    }
    return time;
  }

  /**
   * Returns the lease that the address asks for, or else the settings; null if neither does.
   *
   * @param least the shortest lease that is possible
   * @throws QueueException if it is no time, or shorter
   */
  public @Nullable Duration lease(QueueSettings settings, Duration least) throws QueueException {
    return parameters.containsKey("lease") || !settings.lease().isZero()
        ? time("lease", settings.lease(), least)
        : null;
  }

  private static String withoutPassword(String text) {
    return PASSWORD.matcher(text).replaceFirst("$1***");
  }

  /** Returns it without the parameters, and without a password. */
  @Override
  public String toString() {
    return withoutPassword(scheme + ":" + rest);
  }
}
