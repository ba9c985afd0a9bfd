package dev.grain.cli.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The words of a command line: the options of {@code grain run}, which end at the first word that
 * is none, the command, and the sources that follow it as in GNU parallel.
 *
 * @param sources each the words of one, from its {@code :::} on
 */
record Arguments(List<String> options, List<String> command, List<List<String>> sources) {
  static final String LISTED = ":::";
  static final String FILES = "::::";
  static final String LINKED = "+";

  private static final Set<String> MARKS = Set.of(LISTED, LISTED + LINKED, FILES, FILES + LINKED);

  private static final String SHELL = "--shell";
  private static final String USUAL_SHELL = "--shell=sh";

  /** Splits words. */
  static Arguments of(List<String> words, CommandSpec spec) {
    int end = endOfOptions(words, spec);
    List<String> options = new ArrayList<>(words.subList(0, end));
    options.replaceAll(option -> option.equals(SHELL) ? USUAL_SHELL : option);
    List<String> rest = words.subList(end, words.size());
    if (!rest.isEmpty() && rest.getFirst().equals("--")) {
      rest = rest.subList(1, rest.size());
    }
    List<String> command = new ArrayList<>();
    List<List<String>> sources = new ArrayList<>();
    List<String> current = command;
    for (String word : rest) {
      if (MARKS.contains(word)) {
        current = new ArrayList<>();
        sources.add(current);
      }
      current.add(word);
    }
    return new Arguments(options, command, sources);
  }

  private static int endOfOptions(List<String> words, CommandSpec spec) {
    int i = 0;
    while (i < words.size() && isOption(words.get(i))) {
      i += takesNext(words.get(i), spec) ? 2 : 1;
    }
    return Math.min(i, words.size());
  }

  private static boolean isOption(String word) {
    return word.startsWith("-") && !word.equals("-") && !word.equals("--");
  }

  /** Returns whether the word behind an option is its value. */
  private static boolean takesNext(String word, CommandSpec spec) {
    if (word.equals(SHELL) || word.indexOf('=') >= 0) {
      return false;
    }
    if (word.startsWith("--")) {
      return takesValue(spec.findOption(word));
    }
    // letters together, of which one that takes a value ends them
    for (int i = 1; i < word.length(); i++) {
      if (takesValue(spec.findOption("-" + word.charAt(i)))) {
        return i == word.length() - 1;
      }
    }
    return false;
  }

  private static boolean takesValue(@Nullable OptionSpec option) {
    return option != null && option.arity().max() > 0;
  }
}
