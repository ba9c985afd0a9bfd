package dev.grain.node.isolated;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a Java says of itself when it is started with {@link #QUESTION}.
 *
 * @param feature the version of its specification; 0 if it did not say
 * @param name its version and its vendor, for people
 * @param modules what it has
 */
public record JavaReport(int feature, String name, SortedSet<String> modules) {
  /** The arguments that have a Java describe itself; one before Java 9 refuses them. */
  public static final List<String> QUESTION =
      List.of("-XshowSettings:properties", "--list-modules");

  private static final int LEAST = 25;
  private static final int LONGEST_ANSWER = 300;

  /** Without which no function runs. */
  private static final List<String> NEEDED = List.of("java.logging", "jdk.unsupported");

  private static final Pattern FEATURE = property("java.specification.version", "(?:1\\.)?(\\d+)");
  private static final Pattern VERSION = property("java.version", "(\\S+)");
  private static final Pattern VENDOR = property("java.vendor", "(.+?)");
  private static final Pattern MODULE = Pattern.compile("(?m)^([a-z][\\w.]*)(@\\S*)?\\s*$");

  private static Pattern property(String name, String value) {
    return Pattern.compile("(?m)^\\s*" + Pattern.quote(name) + " = " + value + "\\s*$");
  }

  /** Reads what it has printed, on both streams. */
  public static JavaReport read(String printed) {
    Matcher feature = FEATURE.matcher(printed);
    Matcher version = VERSION.matcher(printed);
    Matcher vendor = VENDOR.matcher(printed);
    SortedSet<String> modules = new TreeSet<>();
    MODULE.matcher(printed).results().forEach(each -> modules.add(each.group(1)));
    return new JavaReport(
        feature.find() ? Integer.parseInt(feature.group(1)) : 0,
        (version.find() ? version.group(1) : "") + (vendor.find() ? " of " + vendor.group(1) : ""),
        modules);
  }

  /**
   * Returns why functions cannot run there, as what follows its name; null if they can.
   *
   * @param printed the same as for {@link #read}
   */
  public static @Nullable String objection(String printed) {
    JavaReport report = read(printed);
    if (report.feature == 0) {
      String answer = printed.strip();
      return "does not run as Java %s or later (%s)"
          .formatted(
              LEAST,
              answer.isEmpty()
                  ? "it prints nothing"
                  : "it prints: " + answer.substring(0, Math.min(LONGEST_ANSWER, answer.length())));
    }
    if (report.feature < LEAST) {
      return "is Java %s, but functions need Java %s or later".formatted(report.name, LEAST);
    }
    List<String> missing = NEEDED.stream().filter(each -> !report.modules.contains(each)).toList();
    return missing.isEmpty()
        ? null
        : "is Java %s without the %s %s, which functions need"
            .formatted(
                report.name,
                missing.size() == 1 ? "module" : "modules",
                String.join(", ", missing));
  }
}
