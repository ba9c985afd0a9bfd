package dev.grain.cli.manual;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The man page of a command and of its subcommands, in the language of man(7). */
final class ManPage {
  private final CommandSpec command;
  private final StringBuilder text = new StringBuilder();

  ManPage(CommandSpec command) {
    this.command = command;
  }

  /** Returns the name of the page, such as {@code grain-list}. */
  String name() {
    return command.name().replace(' ', '-');
  }

  String text() {
    text.setLength(0);
    List<String> description = Arrays.asList(command.usageMessage().description());
    line(".TH \"" + escaped(name()).toUpperCase(Locale.ROOT) + "\" 1 \"\" \"Grain\"");
    // neither hyphens nor adjusted lines, in which commands could not be copied
    line(".nh");
    line(".ad l");
    line(".SH NAME");
    line(escaped(name() + " - " + firstSentence(description)));
    line(".SH SYNOPSIS");
    preformatted(synopsis(command).lines().toList());
    line(".SH DESCRIPTION");
    describe(description);
    arguments(command, ".SH OPTIONS");
    for (Map.Entry<String, CommandLine> each : command.subcommands().entrySet()) {
      CommandSpec subcommand = each.getValue().getCommandSpec();
      line(".SH " + escaped(command.name() + " " + each.getKey()).toUpperCase(Locale.ROOT));
      preformatted(synopsis(subcommand).lines().toList());
      describe(Arrays.asList(subcommand.usageMessage().description()));
      arguments(subcommand, ".SS OPTIONS");
    }
    exitCodes();
    return text.toString();
  }

  private static String synopsis(CommandSpec command) {
    return command.commandLine().getHelp().synopsis(0).stripTrailing();
  }

  private static String firstSentence(List<String> description) {
    String first = description.isEmpty() ? "" : description.getFirst();
    int end = first.indexOf(". ");
    String sentence = end < 0 ? first : first.substring(0, end);
    return sentence.endsWith(".") || sentence.endsWith(":")
        ? sentence.substring(0, sentence.length() - 1)
        : sentence;
  }

  private void line(String line) {
    text.append(line).append('\n');
  }

  /** Returns a text in which nothing is a request of man(7). */
  private static String escaped(String text) {
    String plain = text.replace("%%", "%").replace("\\", "\\e").replace("-", "\\-");
    return plain.startsWith(".") || plain.startsWith("'") ? "\\&" + plain : plain;
  }

  /** Adds lines, of which those that begin with blanks are examples. */
  private void describe(List<String> description) {
    List<String> example = new ArrayList<>();
    for (String each : description) {
      if (each.startsWith("  ")) {
        example.add(each);
        continue;
      }
      flush(example);
      line(each.isEmpty() ? ".PP" : escaped(each));
    }
    flush(example);
  }

  private void flush(List<String> example) {
    if (!example.isEmpty()) {
      preformatted(example);
      example.clear();
    }
  }

  private void preformatted(List<String> lines) {
    line(".nf");
    lines.forEach(each -> line(escaped(each)));
    line(".fi");
  }

  private void arguments(CommandSpec of, String heading) {
    List<ArgSpec> shown = new ArrayList<>();
    of.positionalParameters().stream().filter(each -> !each.hidden()).forEach(shown::add);
    of.options().stream().filter(each -> !each.hidden()).forEach(shown::add);
    if (of != command) {
      // what it shares with the command is there
      shown.removeIf(each -> each instanceof OptionSpec option && option.inherited());
    }
    if (shown.isEmpty()) {
      return;
    }
    line(heading);
    for (ArgSpec each : shown) {
      line(".TP");
      line("\\fB" + escaped(named(each)) + "\\fR");
      line(escaped(String.join(" ", each.description())));
    }
  }

  private static String named(ArgSpec argument) {
    return switch (argument) {
      case OptionSpec option ->
          Arrays.stream(option.names()).collect(Collectors.joining(", "))
              + (option.arity().max() == 0 ? "" : " " + option.paramLabel());
      case PositionalParamSpec parameter -> parameter.paramLabel();
      default -> argument.paramLabel();
    };
  }

  private void exitCodes() {
    Map<String, String> codes = command.usageMessage().exitCodeList();
    if (codes.isEmpty()) {
      return;
    }
    line(".SH \"EXIT STATUS\"");
    codes.forEach((code, meaning) -> {
      line(".TP");
      line("\\fB" + escaped(code) + "\\fR");
      line(escaped(meaning));
    });
  }
}
