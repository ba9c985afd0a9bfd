package dev.grain.cli.head;

import dev.grain.cli.CommandLines;
import dev.grain.cli.HelpFlag;
import dev.grain.client.GrainClient;
import dev.grain.client.GrainClientException;
import dev.grain.client.HeadLocation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code grain login}. */
@Command(
    name = "grain login",
    sortOptions = false,
    description = {
      "Logs in to a head: keeps its address, its key and your token for the other commands.",
      "",
      "  grain login https://head:15320",
      "  grain login https://head:15320 --fingerprint SHA256:... --token-file token",
      "  grain tokens add laptop | ssh there grain login https://head:15320 --fingerprint SHA256:...",
      "",
      "The token is asked for on the terminal, and not shown; otherwise it is the first line of"
          + " standard input. They are kept in grain/login.json in the folder for configuration,"
          + " such as ~/.config, which only you can read."
    },
    parameterListHeading = "%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:the login cannot be kept",
      "2:the command line is wrong, or there is no token",
      "3:the head cannot be reached, is not trusted, or does not accept the token"
    })
final class LoginCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Surroundings around;

  @Spec private CommandSpec spec;

  @Mixin
  @SuppressWarnings("UnusedVariable") // picocli does what it stands for
  private final HelpFlag help = new HelpFlag();

  @Parameters(paramLabel = "URL", description = "The head, such as https://head:15320.")
  private String url;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "The file with the token. Default: GRAIN_TOKEN, or you are asked.")
  private @Nullable Path tokenFile;

  @Option(
      names = "--fingerprint",
      paramLabel = "SHA256:...",
      description =
          "The key of the head, as 'grain head start' prints it. Default: the key that it shows, if you agree.")
  private @Nullable String fingerprint;

  @SuppressWarnings("NullAway.Init") // picocli sets the others
  LoginCommand(Surroundings around) {
    this.around = around;
  }

  /** What ends the command, with its exit code. */
  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    private final int code;

    Refused(int code, String message) {
      super(message, null, false, false);
      this.code = code;
    }
  }

  @Override
  public Integer call() {
    try {
      HeadLocation head = trusted(HeadLocation.of(url));
      HeadLocation complete = head.withToken(token(head));
      GrainClient.Me me = me(complete);
      complete.keep(around.variables());
      spec.commandLine()
          .getOut()
          .println(
              "Logged in at %s as %s, with the role %s."
                  .formatted(complete.url(), me.name(), me.role()));
      return 0;
    } catch (Refused e) {
      spec.commandLine().getErr().println("grain login: " + e.getMessage());
      return e.code;
    } catch (GrainClientException e) {
      spec.commandLine().getErr().println("grain login: " + e.getMessage());
      return ClientCommand.isNotCalled(e) ? ClientCommand.NO_HEAD : CommandLines.FAILED;
    }
  }

  private GrainClient.Me me(HeadLocation head) throws Refused {
    try (GrainClient client = GrainClient.of(head, PATIENCE)) {
      return client.me();
    } catch (GrainClientException e) {
      if (e.is("unauthenticated")) {
        throw new Refused(
            ClientCommand.NO_HEAD,
            "The head at %s does not accept the token: it has been revoked, has expired, or is that of another head. Get one by 'grain tokens add', or from an admin."
                .formatted(head.url()));
      }
      throw e;
    }
  }

  // ---------------------------------------------------------------- the key

  private HeadLocation trusted(HeadLocation head) throws Refused {
    if (fingerprint != null) {
      return head.withFingerprint(fingerprint);
    }
    try (GrainClient client = GrainClient.of(head, PATIENCE)) {
      client.ensureHealthy();
      return head;
    } catch (GrainClientException e) {
      if (!e.is(GrainClientException.UNTRUSTED)) {
        throw e;
      }
    }
    return head.withFingerprint(agreed(head));
  }

  private String agreed(HeadLocation head) throws Refused {
    String shown;
    try {
      shown = head.shownFingerprint();
    } catch (IOException e) {
      throw new Refused(
          ClientCommand.NO_HEAD,
          "The head at %s did not show its key: %s.".formatted(head.url(), e.getMessage()));
    }
    if (!around.asking().isPossible()) {
      throw new Refused(
          ClientCommand.NO_HEAD,
          "The key of the head at %s is not known. It shows %s: compare it with what 'grain head start' printed there, and then name it by --fingerprint."
              .formatted(head.url(), shown));
    }
    around.err().printf("The head at %s has the key%n  %s%n", head.url(), shown);
    String answer =
        around
            .asking()
            .line("Is this what 'grain head start' printed there? Trust it (yes or no): ");
    if (!answer.equalsIgnoreCase("yes") && !answer.equalsIgnoreCase("y")) {
      throw new Refused(ClientCommand.NO_HEAD, "The key is not trusted. Nothing was sent.");
    }
    return shown;
  }

  // ---------------------------------------------------------------- the token

  private String token(HeadLocation head) throws Refused {
    if (tokenFile != null) {
      return HeadFlags.read(tokenFile);
    }
    String named = around.variables().getOrDefault(HeadLocation.TOKEN_VARIABLE, "");
    if (!named.isEmpty()) {
      return named;
    }
    String token =
        around.asking().isPossible()
            ? around.asking().secret("Token for " + head.url() + ": ")
            : firstLine();
    if (token.isEmpty()) {
      throw new Refused(
          CommandLines.USAGE,
          "There is no token. Name a file with it by --token-file, or write it to standard input.");
    }
    return token;
  }

  private String firstLine() throws Refused {
    try {
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(around.in(), StandardCharsets.UTF_8));
      return Objects.requireNonNullElse(lines.readLine(), "").strip();
    } catch (IOException e) {
      throw new Refused(
          CommandLines.USAGE, "The token cannot be read from standard input: " + e.getMessage());
    }
  }
}
