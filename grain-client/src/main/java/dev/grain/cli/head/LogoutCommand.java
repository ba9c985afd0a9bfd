package dev.grain.cli.head;

import dev.grain.cli.HelpFlag;
import dev.grain.client.HeadLocation;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code grain logout}. */
@Command(
    name = "grain logout",
    sortOptions = false,
    description = {
      "Forgets the head, and the token, that 'grain login' has kept.",
      "The token works until it is revoked: 'grain tokens list' and 'grain tokens revoke NUMBER'."
    },
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done, or there was nothing", "1:the file cannot be removed"})
final class LogoutCommand implements Callable<Integer> {
  private final Surroundings around;

  @Spec private CommandSpec spec;

  @Mixin
  @SuppressWarnings("UnusedVariable") // picocli does what it stands for
  private final HelpFlag help = new HelpFlag();

  @SuppressWarnings("NullAway.Init") // picocli sets the others
  LogoutCommand(Surroundings around) {
    this.around = around;
  }

  @Override
  public Integer call() {
    Optional<String> url = HeadLocation.forget(around.variables());
    spec.commandLine()
        .getOut()
        .println(
            url.map(each ->
                    "Logged out of %s. The token works until it is revoked.".formatted(each))
                .orElse("Nobody was logged in."));
    return 0;
  }
}
