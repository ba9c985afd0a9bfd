package dev.grain.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The words of a command line that ends with a command: the options, which end at the first word
 * that is none, and the command with its own options.
 *
 * @param options those of Grain; {@code --shell} has a value
 * @param command the words behind the options, without the {@code --} between
 */
public record Arguments(List<String> options, List<String> command) {
  private static final String SHELL = "--shell";
  private static final String USUAL_SHELL = "--shell=sh";
  private static final String END = "--";

  /** Makes them of words that were split. */
  public Arguments {
    options = List.copyOf(options);
    command = List.copyOf(command);
  }

  /**
   * Splits words.
   *
   * @param spec has the options
   */
  public static Arguments of(List<String> words, CommandSpec spec) {
    int end = endOfOptions(words, spec);
    List<String> options = new ArrayList<>(words.subList(0, end));
    options.replaceAll(option -> option.equals(SHELL) ? USUAL_SHELL : option);
    List<String> rest = words.subList(end, words.size());
    boolean marked = !rest.isEmpty() && rest.getFirst().equals(END);
    return new Arguments(options, marked ? rest.subList(1, rest.size()) : rest);
  }

  /** Returns the words for a parser that has the command as its positional parameters. */
  public String[] words() {
    List<String> words = new ArrayList<>(options);
    // an option may lack its value, which the mark is not
    if (!command.isEmpty()) {
      words.add(END);
      words.addAll(command);
    }
    return words.toArray(String[]::new);
  }

  private static int endOfOptions(List<String> words, CommandSpec spec) {
    int i = 0;
    while (i < words.size() && isOption(words.get(i))) {
      i += takesNext(words.get(i), spec) ? 2 : 1;
    }
    return Math.min(i, words.size());
  }

  private static boolean isOption(String word) {
    return word.startsWith("-") && !word.equals("-") && !word.equals(END);
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
