package dev.grain.minion;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
              .formatted(text, text.isEmpty() ? "sweeps" : text.replace(":", "")));
    }
    SequencedMap<String, String> parameters = new LinkedHashMap<>();
    if (matcher.group(3) != null) {
      for (String each : matcher.group(3).substring(1).split("&", -1)) {
        int equals = each.indexOf('=');
        if (equals < 1) {
          throw new IllegalArgumentException(
              "The address '%s' has '%s' where a parameter must be: write NAME=VALUE."
                  .formatted(text, each));
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

  @Override
  public String toString() {
    return scheme + ":" + rest;
  }
}
