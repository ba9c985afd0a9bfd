package dev.grain.worker;

import dev.grain.text.Spelling;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Adds the flags of a configuration file to a command line, whose own flags win. */
final class ConfigArguments {
  private static final String DASHES = "--";

  /** Flags that make no sense in a file. */
  private static final Set<String> NO_KEYS = Set.of("config", "help", "version");

  private final CommandLine command;
  private final Path file;

  private ConfigArguments(CommandLine command, Path file) {
    this.command = command;
    this.file = file;
  }

  /**
   * Parses the command line again, with the flags of the file that the command line lacks.
   *
   * @throws ParameterException that names the file and what is wrong in it
   */
  static ParseResult parse(ParseResult given, Path file) {
    return new ConfigArguments(given.commandSpec().commandLine(), file).parse(given);
  }

  private ParseResult parse(ParseResult given) {
    List<ConfigFile.Setting> settings = settings();
    ensureRight(arguments(settings));
    Set<String> onTheLine =
        given.matchedOptions().stream().map(OptionSpec::longestName).collect(Collectors.toSet());
    settings.removeIf(setting -> onTheLine.contains(DASHES + setting.key()));
    List<String> all = arguments(settings);
    all.addAll(given.originalArgs());
    return command.parseArgs(all.toArray(String[]::new));
  }

  private List<ConfigFile.Setting> settings() {
    try {
      return new ArrayList<>(ConfigFile.read(file));
    } catch (ConfigFile.Unreadable e) {
      throw new ParameterException(command, "--config " + e.getMessage());
    }
  }

  private void ensureRight(List<String> arguments) {
    try {
      command.parseArgs(arguments.toArray(String[]::new));
    } catch (ParameterException e) {
      throw new ParameterException(command, "--config %s: %s".formatted(file, e.getMessage()));
    }
  }

  private List<String> arguments(List<ConfigFile.Setting> settings) {
    List<String> arguments = new ArrayList<>();
    for (ConfigFile.Setting setting : settings) {
      OptionSpec option = option(setting);
      if (option.arity().max() == 0) {
        ensure(setting.kind() == ConfigFile.Kind.BOOLEAN, setting, "is true or false");
        if (Boolean.parseBoolean(setting.values().getFirst())) {
          arguments.add(option.longestName());
        }
        continue;
      }
      boolean many =
          setting.kind() == ConfigFile.Kind.LIST || setting.kind() == ConfigFile.Kind.MAP;
      ensure(option.isMultiValue() || !many, setting, "takes one value");
      ensure(
          setting.kind() != ConfigFile.Kind.MAP || option.paramLabel().contains("="),
          setting,
          "takes a value or a list of values");
      setting.values().forEach(value -> arguments.add(option.longestName() + "=" + value));
    }
    return arguments;
  }

  private OptionSpec option(ConfigFile.Setting setting) {
    OptionSpec option =
        NO_KEYS.contains(setting.key())
            ? null
            : command.getCommandSpec().optionsMap().get(DASHES + setting.key());
    if (option == null) {
      String best = Spelling.nearest(setting.key(), keys());
      throw wrong(
          setting,
          "is not a key%s"
              .formatted(
                  best == null
                      ? "; the keys are the names of flags"
                      : "; did you mean " + best + "?"));
    }
    return option;
  }

  private Set<String> keys() {
    return command.getCommandSpec().optionsMap().keySet().stream()
        .filter(name -> name.startsWith(DASHES))
        .map(name -> name.substring(DASHES.length()))
        .filter(name -> !NO_KEYS.contains(name))
        .collect(Collectors.toSet());
  }

  private void ensure(boolean condition, ConfigFile.Setting setting, String otherwise) {
    if (!condition) {
      throw wrong(setting, otherwise);
    }
  }

  private ParameterException wrong(ConfigFile.Setting setting, String what) {
    return new ParameterException(
        command,
        "--config %s, line %s: '%s' %s".formatted(file, setting.line(), setting.key(), what));
  }
}
