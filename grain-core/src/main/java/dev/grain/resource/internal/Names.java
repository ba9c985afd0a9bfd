package dev.grain.resource.internal;

import java.util.Locale;
import java.util.Map;

/** The rules for the names of custom kinds and tokens. */
public final class Names {
  /** The most characters of a name. */
  static final int MAX_LENGTH = 100;

  /** Names that mean something already, and what to write instead. */
  private static final Map<String, String> RESERVED =
      Map.ofEntries(
          Map.entry("cpu", "cpu(...)"),
          Map.entry("cpus", "cpu(...)"),
          Map.entry("core", "cpu(...)"),
          Map.entry("cores", "cpu(...)"),
          Map.entry("memory", "memory(...)"),
          Map.entry("gpu", "gpu(...)"),
          Map.entry("gpus", "gpu(...)"),
          Map.entry("capacity", "capacity(...)"),
          Map.entry("head", "none()"),
          Map.entry("heap", "memory(...)"),
          Map.entry("none", "none()"),
          Map.entry("node", "node(...)"),
          Map.entry("token", "token(...) with a name of its own"),
          Map.entry("custom", "custom(...) with a name of its own"),
          Map.entry("walltime", "wallTime(...)"));

  private Names() {}

  /**
   * Refuses a name that is malformed or reserved.
   *
   * @param factory which factory was called, for the message
   * @throws IllegalArgumentException that states what is wrong and what to write instead
   */
  public static void ensureFree(String factory, String name) {
    ensureWellFormed(factory, name);
    String instead = RESERVED.get(name.toLowerCase(Locale.ROOT));
    if (instead != null) {
      throw new IllegalArgumentException(
          "%s(\"%s\"): the name is reserved; use %s, or choose another name"
              .formatted(factory, name, instead));
    }
  }

  /** Tells whether {@link #ensureFree} lets the name pass. */
  public static boolean isFree(String name) {
    return !name.isEmpty()
        && name.length() <= MAX_LENGTH
        && name.chars().allMatch(next -> isAllowed((char) next))
        && !RESERVED.containsKey(name.toLowerCase(Locale.ROOT));
  }

  private static void ensureWellFormed(String factory, String name) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException(
          "%s(\"\"): the name is empty; name the kind, for example \"TEMPERATURE_SENSOR\""
              .formatted(factory));
    }
    if (name.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "%s(\"%s...\"): the name has %s characters; use at most %s"
              .formatted(factory, name.substring(0, 20), name.length(), MAX_LENGTH));
    }
    for (int i = 0; i < name.length(); i++) {
      if (!isAllowed(name.charAt(i))) {
        throw new IllegalArgumentException(
            "%s(\"%s\"): the name has '%s' in it; use ASCII letters, digits, '_', '-' and '.'"
                .formatted(factory, name, Character.toString(name.codePointAt(i))));
      }
    }
  }

  private static boolean isAllowed(char next) {
    return (next >= 'a' && next <= 'z')
        || (next >= 'A' && next <= 'Z')
        || (next >= '0' && next <= '9')
        || next == '_'
        || next == '-'
        || next == '.';
  }
}
