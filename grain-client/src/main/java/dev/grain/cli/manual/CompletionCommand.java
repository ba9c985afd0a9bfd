package dev.grain.cli.manual;

import dev.grain.cli.HelpFlag;
import dev.grain.cli.Mistake;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code grain completion}. */
@Command(
    name = "grain completion",
    sortOptions = false,
    description = {
      "Prints a script by which a shell completes command lines of grain.",
      "",
      "  source <(grain completion bash)                      # in ~/.bashrc",
      "  source <(grain completion zsh)                       # in ~/.zshrc, behind compinit"
    },
    parameterListHeading = "%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "2:the command line is wrong"})
final class CompletionCommand implements Callable<Integer> {
  private static final List<String> SHELLS = List.of("bash", "zsh");

  @Spec private CommandSpec spec;

  @Mixin
  @SuppressWarnings("UnusedVariable") // picocli does what it stands for
  private final HelpFlag help = new HelpFlag();

  @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
  private String shell;

  @SuppressWarnings("NullAway.Init") // picocli sets the others
  CompletionCommand() {}

  @Override
  public Integer call() {
    if (!SHELLS.contains(shell)) {
      throw new Mistake("There is no completion for '%s'; use bash or zsh.".formatted(shell));
    }
    // the script finds out which of the two runs it
    spec.commandLine().getOut().print(AutoComplete.bash("grain", AllCommands.program()));
    spec.commandLine().getOut().flush();
    return 0;
  }
}
