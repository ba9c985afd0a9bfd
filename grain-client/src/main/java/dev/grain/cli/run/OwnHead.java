package dev.grain.cli.run;

import dev.grain.cli.ThisProgram;
import dev.grain.client.GrainClient;
import dev.grain.client.GrainClientException;
import dev.grain.client.HeadLocation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Finds the head that jobs are left to, and starts one for the user if there is none. */
final class OwnHead {
  /** The exit code if another command starts it, or has started it, at the same time. */
  private static final int RUNS_ALREADY = 3;

  /** How often that one is looked for. */
  private static final int LOOKS = 100;

  private static final long BETWEEN_LOOKS = 100;

  private final Map<String, String> variables;
  private final Console console;

  OwnHead(Map<String, String> variables, Console console) {
    this.variables = variables;
    this.console = console;
  }

  /**
   * Returns the head that is there, or one that was started.
   *
   * @throws IOException if none can be started; the message says why
   */
  HeadLocation find() throws IOException, InterruptedException {
    Optional<HeadLocation> known = HeadLocation.find(variables);
    if (known.isPresent()
        && (known.get().source() != HeadLocation.Source.OWN || isThere(known.get()))) {
      return known.get();
    }
    console.say("no head is configured, so one is started for you on this machine");
    Process start =
        ThisProgram.apart("head", "start", "--local", "--background")
            .redirectErrorStream(true)
            .start();
    start.getOutputStream().close();
    String printed =
        new String(start.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    int code = start.waitFor();
    for (int i = 0; (code == 0 || code == RUNS_ALREADY) && i < LOOKS; i++) {
      Optional<HeadLocation> own = HeadLocation.own(variables);
      if (own.isPresent() && isThere(own.get())) {
        return own.get();
      }
      TimeUnit.MILLISECONDS.sleep(BETWEEN_LOOKS);
    }
    throw new IOException(
        "The head could not be started%s"
            .formatted(printed.isEmpty() ? "." : ", and said: " + printed));
  }

  private static boolean isThere(HeadLocation head) {
    try (GrainClient client = GrainClient.of(head, Duration.ZERO)) {
      var _ = client.me();
      return true;
    } catch (GrainClientException e) {
      if (e.is(GrainClientException.UNREACHABLE) || e.is(GrainClientException.UNTRUSTED)) {
        // it was killed, and another program may listen there now
        return false;
      }
      throw e;
    }
  }
}
