package dev.grain;

import dev.grain.bytes.Bytes;
import java.util.List;
import java.util.Set;

/** The flags of a JVM for isolated functions, as users write them. */
final class JvmFlags {
  private static final int MOST_BYTES = 16 * 1024;

  /** Flags that set what the JVM runs, or make it print something and exit. */
  private static final Set<String> GRAINS =
      Set.of(
          "-jar",
          "-cp",
          "-classpath",
          "--class-path",
          "-m",
          "--module",
          "--source",
          "-version",
          "--version",
          "-showversion",
          "--show-version",
          "-help",
          "--help",
          "-h",
          "-?",
          "-X",
          "--help-extra",
          "--list-modules",
          "--describe-module",
          "-d",
          "--dry-run",
          "--validate-modules");

  /** Flags whose value may be the next word. */
  private static final Set<String> WITH_VALUE =
      Set.of(
          "--add-exports",
          "--add-modules",
          "--add-opens",
          "--add-reads",
          "--enable-native-access",
          "--limit-modules",
          "--module-path",
          "-p",
          "--patch-module",
          "--upgrade-module-path");

  private JvmFlags() {}

  /**
   * Returns the flags.
   *
   * @throws IllegalArgumentException if one of them cannot be a flag
   */
  static List<String> check(String... flags) {
    List<String> all = List.of(flags);
    boolean awaitsValue = false;
    for (String flag : all) {
      ensure(!flag.isBlank(), "A JVM flag is blank.");
      ensure(
          flag.indexOf('\0') < 0,
          "A JVM flag contains a NUL character, which cannot be passed to a JVM.");
      if (awaitsValue) {
        awaitsValue = false;
      } else {
        checkFlag(flag);
        awaitsValue = WITH_VALUE.contains(flag);
      }
    }
    ensure(!awaitsValue, "The last JVM flag lacks its value.");
    return all;
  }

  /** Refuses flags that take too many bytes as they are sent to workers. */
  static void ensureShort(Bytes encoded) {
    long length = encoded.length();
    ensure(
        length <= MOST_BYTES,
        "The JVM flags take %s bytes; at most %s are allowed. Put them into a file, and pass it with"
                .formatted(length, MOST_BYTES)
            + " -XX:VMOptionsFile.");
  }

  private static void checkFlag(String flag) {
    ensure(
        flag.startsWith("-"),
        "\"%s\" is not a JVM flag: flags start with \"-\", for example -Xss4m.".formatted(flag));
    int end = flag.indexOf('=');
    ensure(
        !GRAINS.contains(end < 0 ? flag : flag.substring(0, end)),
        "The JVM flag \"%s\" sets what the JVM runs, which is not possible for an isolated"
                .formatted(flag)
            + " function.");
    ensure(
        flag.startsWith("-D") || flag.chars().noneMatch(Character::isWhitespace),
        "The JVM flag \"%s\" contains a blank. Pass each flag as a separate argument:"
                .formatted(flag)
            + " isolated(\"-Xss4m\", \"-Xmx1g\").");
  }

  private static void ensure(boolean condition, String sentence) {
    if (!condition) {
      throw new IllegalArgumentException(sentence);
    }
  }
}
