package dev.grain.cli.manual;

import dev.grain.cli.Tool;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.spi.ToolProvider;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** All that can follow {@code grain} on a command line. */
final class AllCommands {
  /** Those of other artifacts, which may not be here, with their subcommands. */
  private static final Map<String, List<String>> OTHERS =
      Map.of(
          "worker", List.of(),
          "workers", List.of(),
          "key", List.of("create", "show", "rotate"),
          "head", List.of("start", "stop", "status", "backup", "verify"));

  private AllCommands() {}

  /** Returns the tools of this process, by the names of their commands. */
  static Map<String, CommandLine> tools() {
    Map<String, CommandLine> tools = new TreeMap<>();
    ServiceLoader.load(ToolProvider.class, Tool.class.getClassLoader()).stream()
        .filter(each -> Tool.class.isAssignableFrom(each.type()))
        .map(each -> (Tool) each.get())
        .forEach(tool -> tools.put(tool.command(), tool.model()));
    return tools;
  }

  /** Returns the program with all of its commands. */
  static CommandLine program() {
    CommandLine program = new CommandLine(CommandSpec.create().name("grain"));
    Map<String, CommandLine> tools = tools();
    tools.forEach(program::addSubcommand);
    OTHERS.forEach((name, commands) -> {
      if (tools.containsKey(name)) {
        return;
      }
      CommandLine command = new CommandLine(CommandSpec.create().name(name));
      commands.forEach(
          each -> command.addSubcommand(each, new CommandLine(CommandSpec.create().name(each))));
      program.addSubcommand(name, command);
    });
    return program;
  }
}
