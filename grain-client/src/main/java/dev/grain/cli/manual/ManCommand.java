package dev.grain.cli.manual;

import dev.grain.cli.HelpFlag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code grain man}. */
@Command(
    name = "grain man",
    sortOptions = false,
    description = {
      "Writes the man pages of all commands.",
      "",
      "  grain man ~/.local/share/man",
      "  man grain-list"
    },
    parameterListHeading = "%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:a page cannot be written", "2:the command line is wrong"})
final class ManCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin
  @SuppressWarnings("UnusedVariable") // picocli does what it stands for
  private final HelpFlag help = new HelpFlag();

  @Parameters(
      paramLabel = "FOLDER",
      description = "Where man looks for pages, such as ~/.local/share/man; they go into man1.")
  private Path folder;

  @SuppressWarnings("NullAway.Init") // picocli sets the others
  ManCommand() {}

  @Override
  public Integer call() {
    Path section = folder.resolve("man1");
    Map<String, CommandLine> tools = AllCommands.tools();
    try {
      Files.createDirectories(section);
      for (CommandLine each : tools.values()) {
        ManPage page = new ManPage(each.getCommandSpec());
        Files.writeString(section.resolve(page.name() + ".1"), page.text());
      }
    } catch (IOException e) {
      throw new IllegalStateException(
          "The man pages cannot be written to %s: %s.".formatted(section, e), e);
    }
    spec.commandLine().getOut().println("Wrote %s pages to %s.".formatted(tools.size(), section));
    return 0;
  }
}
