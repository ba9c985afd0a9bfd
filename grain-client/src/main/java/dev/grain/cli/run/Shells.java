package dev.grain.cli.run;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Words as shells read them. */
final class Shells {
  private static final Pattern PLAIN = Pattern.compile("[\\w@%+=:,./-]+");

  private Shells() {}

  /** Returns a word so that a shell reads it as it is. */
  static String quote(String word) {
    return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /** Returns a command that a shell reads as these words. */
  static String quote(List<String> words) {
    return words.stream().map(Shells::quote).collect(Collectors.joining(" "));
  }
}
