package dev.grain.text;

import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Texts with names in braces that stand for values: {@code {cpu.count}}, or {@code {}} for a value
 * without a name. A name starts with a letter and has letters, digits, and {@code . _ -}; other
 * braces are braces, and so are those behind a dollar sign, as in <code>${HOME}</code>. Doubled
 * braces, as in <code>{{print}}</code>, stand for braces.
 */
public final class Placeholders {
  /** The name of {@code {}}. */
  public static final String UNNAMED = "";

  private static final Pattern PLACEHOLDER =
      Pattern.compile("\\{(\\{[A-Za-z][\\w.-]*})}|(?<!\\$)\\{([A-Za-z][\\w.-]*)?}");

  private static final Pattern IN_BRACES = Pattern.compile("\\{([A-Za-z][\\w.-]*)}");

  private Placeholders() {}

  /** Returns the text that {@link #fill} turns into this one, whatever the values are. */
  public static String escape(String text) {
    return IN_BRACES.matcher(text).replaceAll("{{$1}}");
  }

  /**
   * Returns the text with the values in place of the names.
   *
   * @param values returns the value of a name, which is empty for {@code {}}; null leaves the
   *     placeholder as it is
   */
  public static String fill(String text, Function<String, @Nullable String> values) {
    if (text.indexOf('{') < 0) {
      return text;
    }
    return PLACEHOLDER
        .matcher(text)
        .replaceAll(found -> Matcher.quoteReplacement(replacement(found, values)));
  }

  private static String replacement(MatchResult found, Function<String, @Nullable String> values) {
    if (found.group(1) != null) {
      return found.group(1);
    }
    String value = values.apply(found.group(2) == null ? UNNAMED : found.group(2));
    return value == null ? found.group() : value;
  }

  /**
   * Returns the text with some of the values in place of their names. What is left can be
   * {@linkplain #fill filled} later, which leaves these values as they are.
   *
   * @param values as those of {@link #fill}
   */
  public static String fillFirst(String text, Function<String, @Nullable String> values) {
    return PLACEHOLDER
        .matcher(text)
        .replaceAll(found -> {
          String value =
              found.group(1) != null
                  ? null
                  : values.apply(found.group(2) == null ? UNNAMED : found.group(2));
          return Matcher.quoteReplacement(value == null ? found.group() : escape(value));
        });
  }

  /**
   * Returns the first name in the text that is not known, or null if there is none. {@code {}} has
   * no name.
   */
  public static @Nullable String firstUnknown(String text, Predicate<String> known) {
    return PLACEHOLDER
        .matcher(text)
        .results()
        .map(found -> found.group(2))
        .filter(name -> name != null && !known.test(name))
        .findFirst()
        .orElse(null);
  }
}
