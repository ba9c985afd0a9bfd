package dev.grain.cli.minion;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The addresses of queues as people write them. */
final class Addresses {
  private static final Pattern RELATIVE = Pattern.compile("(file|execo|lines):([^/-].*|-.+)");

  private Addresses() {}

  /** Returns an address that is the same wherever it is used: a name alone is that of a folder. */
  static String in(Path folder, String text) {
    if (text.indexOf(':') < 0) {
      return text.isEmpty() ? text : "file:" + folder.resolve(text);
    }
    Matcher relative = RELATIVE.matcher(text);
    return relative.matches() ? relative.group(1) + ":" + folder.resolve(relative.group(2)) : text;
  }
}
