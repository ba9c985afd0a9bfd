package dev.grain.cli.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The sources of inputs that follow a command, as in GNU parallel. */
final class GivenSources {
  static final String LISTED = ":::";
  static final String FILES = "::::";
  static final String LINKED = "+";

  private static final Set<String> MARKS = Set.of(LISTED, LISTED + LINKED, FILES, FILES + LINKED);

  private GivenSources() {}

  /** Splits words into those of the command, and those of each source, from its mark on. */
  static List<List<String>> split(List<String> words) {
    List<List<String>> parts = new ArrayList<>();
    parts.add(new ArrayList<>());
    for (String word : words) {
      if (MARKS.contains(word)) {
        parts.add(new ArrayList<>());
      }
      parts.getLast().add(word);
    }
    return parts;
  }
}
