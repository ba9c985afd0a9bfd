package dev.grain.cli.head;

import dev.grain.cli.Mistake;
import dev.grain.client.HeadLocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The flags that name the head. Picocli sets them once. */
final class HeadFlags {
  @Option(
      names = "--head",
      paramLabel = "URL",
      scope = ScopeType.INHERIT,
      description =
          "The head, such as https://head:15320. Default: GRAIN_HEAD, or where 'grain login' has logged in, or the head that this user runs here.")
  private @Nullable String url;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "The file with the token. Default: GRAIN_TOKEN, or the token of the login.")
  private @Nullable Path tokenFile;

  @Option(
      names = "--fingerprint",
      paramLabel = "SHA256:...",
      scope = ScopeType.INHERIT,
      description =
          "The key of the head, as 'grain head start' prints it. Default: GRAIN_FINGERPRINT, or the key of the login.")
  private @Nullable String fingerprint;

  HeadFlags() {}

  /**
   * Returns the head.
   *
   * @throws NoHeadException if there is none, or no token for it
   */
  HeadLocation location(Map<String, String> variables) {
    HeadLocation found =
        url == null
            ? HeadLocation.find(variables).orElseThrow(() -> unknown(variables))
            : HeadLocation.named(url, variables);
    HeadLocation trusting = fingerprint == null ? found : found.withFingerprint(fingerprint);
    HeadLocation complete = tokenFile == null ? trusting : trusting.withToken(read(tokenFile));
    if (!complete.hasToken()) {
      throw new NoHeadException(
          "There is no token for the head at %s. Log in by 'grain login %s', or name a token by --token-file or GRAIN_TOKEN."
              .formatted(complete.url(), complete.url()));
    }
    return complete;
  }

  private static NoHeadException unknown(Map<String, String> variables) {
    return new NoHeadException(
        "No head is known: none runs for this user here (%s), and nobody has logged in. Start one by 'grain head start --local --background', log in to one by 'grain login URL', or name one by --head URL or GRAIN_HEAD."
            .formatted(HeadLocation.ownFolder(variables)));
  }

  /** Returns the text of a file with a token. */
  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new Mistake("The token in %s cannot be read: %s.".formatted(file, e));
    }
  }

  /** There is no head that could be called. */
  static final class NoHeadException extends RuntimeException {
    private static final long serialVersionUID = 1;

    NoHeadException(String message) {
      super(message, null, false, false);
    }
  }
}
