package dev.grain.cli.minion;

import dev.grain.cli.Mistake;
import dev.grain.text.Exceptions;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file {@code .env}: lines {@code NAME=VALUE}, comments, and empty lines. Values may be in single
 * quotes, where everything is literal, or in double quotes, with {@code \n}, {@code \t}, {@code \"}
 * and {@code \\}; a comment may follow after a blank. Outside of single quotes, <code>${NAME}
 * </code> stands for a variable of the environment or of a line above.
 */
final class EnvFile {
  private static final Pattern LINE =
      Pattern.compile("(?:export\\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\\s*=\\s*(.*)");
  private static final Pattern VARIABLE =
      Pattern.compile("\\\\\\$|\\$\\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?}");

  private final Path file;
  private final Map<String, String> environment;
  private final SequencedMap<String, String> values = new LinkedHashMap<>();

  private EnvFile(Path file, Map<String, String> environment) {
    this.file = file;
    this.environment = environment;
  }

  /**
   * Returns what a file sets, if there is one; what the environment sets is not among it.
   *
   * @throws Mistake if it cannot be read, or has an error; the message names the line
   */
  static SequencedMap<String, String> read(Path file, Map<String, String> environment) {
    EnvFile parsed = new EnvFile(file, environment);
    if (Files.exists(file)) {
      try {
        parsed.parse(Files.readAllLines(file));
      } catch (MalformedInputException e) {
        throw new Mistake("%s is not a text in UTF-8.".formatted(file));
      } catch (IOException e) {
        throw new Mistake("%s cannot be read: %s".formatted(file, Exceptions.brief(e)));
      }
    }
    return parsed.values;
  }

  private void parse(List<String> lines) {
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (i == 0 && line.startsWith("\ufeff")) {
        line = line.substring(1);
      }
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      Matcher matcher = LINE.matcher(line);
      if (!matcher.matches()) {
        throw wrong(i, "'%s' is not NAME=VALUE".formatted(line));
      }
      String name = matcher.group(1);
      String value = value(matcher.group(2), i);
      if (!environment.containsKey(name)) {
        values.put(name, value);
      }
    }
  }

  private Mistake wrong(int index, String what) {
    return new Mistake("%s, line %s: %s.".formatted(file, index + 1, what));
  }

  private String value(String text, int index) {
    if (text.isEmpty()) {
      return "";
    }
    char quote = text.charAt(0);
    if (quote != '\'' && quote != '"') {
      return expand(withoutComment(text));
    }
    int end = endOfQuotes(text, quote);
    if (end < 0) {
      throw wrong(index, "the value of the line has no closing %s".formatted(quote));
    }
    String rest = text.substring(end + 1).strip();
    if (!rest.isEmpty() && !rest.startsWith("#")) {
      throw wrong(index, "'%s' follows the closing %s".formatted(rest, quote));
    }
    String quoted = text.substring(1, end);
    return quote == '\'' ? quoted : expand(unescape(quoted));
  }

  private static int endOfQuotes(String text, char quote) {
    for (int i = 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && quote == '"') {
        i++;
      } else if (c == quote) {
        return i;
      }
    }
    return -1;
  }

  private static String withoutComment(String text) {
    for (int i = 1; i < text.length(); i++) {
      if (text.charAt(i) == '#' && Character.isWhitespace(text.charAt(i - 1))) {
        return text.substring(0, i).strip();
      }
    }
    return text.startsWith("#") ? "" : text;
  }

  private static String unescape(String text) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\\' || i + 1 == text.length()) {
        plain.append(c);
        continue;
      }
      char next = text.charAt(++i);
      switch (next) {
        case 'n' -> plain.append('\n');
        case 't' -> plain.append('\t');
        case '"', '\\' -> plain.append(next);
        default -> plain.append(c).append(next);
      }
    }
    return plain.toString();
  }

  private String expand(String text) {
    return VARIABLE
        .matcher(text)
        .replaceAll(found -> {
          String name = found.group(1);
          String value =
              name == null ? "$" : environment.getOrDefault(name, values.getOrDefault(name, ""));
          String otherwise = name == null ? null : found.group(2);
          return Matcher.quoteReplacement(value.isEmpty() && otherwise != null ? otherwise : value);
        });
  }
}
