package dev.grain.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import dev.grain.Code;
import dev.grain.Command;
import dev.grain.Credentials;
import dev.grain.Grain;
import dev.grain.JobNotStartedException;
import dev.grain.JobOptions;
import dev.grain.RunOptions;
import dev.grain.resource.Resources;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run whose jobs have code from a git server with a password that is kept at AWS. */
final class AwsCredentialsTest {
  private static final String HIDDEN = "hidden-from-all";

  @TempDir private Path empty;
  private FakeSecretsManager manager;
  private AwsSettings settings;
  private HttpServer gitServer;

  /** The logins that the git server was shown. */
  private final List<String> shown = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() throws Exception {
    manager = new FakeSecretsManager();
    settings =
        new AwsSettings(empty)
            .login(FakeSecretsManager.USER)
            .region("eu-west-1")
            .endpoint(manager.url());
    gitServer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    gitServer.createContext(
        "/",
        exchange -> {
          try (exchange) {
            Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))
                .ifPresent(shown::add);
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"test\"");
            exchange.sendResponseHeaders(401, -1);
          }
        });
    gitServer.start();
  }

  @AfterEach
  void stop() {
    gitServer.stop(0);
    settings.close();
    manager.close();
  }

  /** Returns why a job could not start whose code is on the git server, which refuses all. */
  private JobNotStartedException run() {
    String url = "http://127.0.0.1:" + gitServer.getAddress().getPort();
    RunOptions options =
        RunOptions.defaults().credentials(Credentials.git(url, AwsSecrets.login("ci/git")));
    JobOptions job = JobOptions.of(Resources.cpu(1)).code(Code.git(url + "/jobs"));
    return catchThrowableOfType(
        JobNotStartedException.class,
        () -> Grain.runCombine(() -> Grain.exec(job, Command.of("true")), options));
  }

  @Test
  void loginAtAws_isShownToTheGitServer_andNotInTheFailure() {
    manager.put("ci/git", "ann\n" + HIDDEN);

    assertThat(run()).hasMessageContaining("password or token of ann");
    assertThat(shown)
        .contains(
            "Basic "
                + Base64.getEncoder()
                    .encodeToString(("ann:" + HIDDEN).getBytes(StandardCharsets.UTF_8)));
    assertThat(run().toString()).doesNotContain(HIDDEN);
  }

  @Test
  void secretThatIsMissing_isNamedInTheFailureOfTheJob() {
    assertThat(run())
        .hasMessageContaining("could not be read from the AWS secret ci/git")
        .hasMessageContaining("there is no such secret in eu-west-1");
    assertThat(shown).isEmpty();
  }
}
