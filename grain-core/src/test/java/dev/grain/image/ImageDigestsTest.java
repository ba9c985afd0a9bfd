package dev.grain.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.grain.node.prepare.Login;
import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.PreparationException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ImageDigestsTest {
  private static final String MANIFEST = "{\"schemaVersion\": 2}";
  // of the line above, by sha256sum
  private static final String DIGEST =
      "sha256:c5d902c53b4afcf32ad746fd9d696431650d3fbe8f7b10ca10519543fefd772c";
  private static final Logins ALICE =
      (service, _) ->
          service == Logins.Service.DOCKER
              ? Optional.of(new Login.Password("alice", "s3cret"))
              : Optional.empty();
  private static final Logins MALLORY =
      (_, _) -> Optional.of(new Login.Password("mallory", "gu3ss"));

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final ImageDigests digests = new ImageDigests(Duration.ofSeconds(30));
  private final CountDownLatch over = new CountDownLatch(1);
  private HttpServer server;
  private String registry;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    registry = "127.0.0.1:" + server.getAddress().getPort();
    server.start();
  }

  @AfterEach
  void close() {
    over.countDown();
    server.stop(0);
    digests.close();
  }

  private void on(String path, Answerer answerer) {
    server.createContext(
        path,
        exchange -> {
          String authorization = exchange.getRequestHeaders().getFirst("Authorization");
          asked.add(exchange.getRequestURI() + " " + authorization);
          answerer.answer(exchange, authorization == null ? "" : authorization);
          exchange.close();
        });
  }

  private interface Answerer {
    void answer(HttpExchange exchange, String authorization) throws IOException;
  }

  private static void say(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    if (bytes.length > 0) {
      exchange.getResponseBody().write(bytes);
    }
  }

  private static void challenge(HttpExchange exchange, String challenge) throws IOException {
    exchange.getResponseHeaders().add("WWW-Authenticate", challenge);
    say(exchange, 401, "{\"errors\":[{\"code\":\"UNAUTHORIZED\"}]}");
  }

  private static String basic(String user, String password) {
    byte[] both = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(both);
  }

  private String resolve(Logins logins) throws PreparationException, InterruptedException {
    return digests.resolve(ImageName.parse(registry + "/team/train:2"), logins);
  }

  private void assertRefused(Logins logins, boolean ofThisNode, String... parts) {
    assertThatExceptionOfType(PreparationException.class)
        .isThrownBy(() -> resolve(logins))
        .satisfies(e -> assertThat(e.isOfThisNode()).isEqualTo(ofThisNode))
        .satisfies(e -> assertThat(e.getMessage()).contains(parts).contains(registry))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("s3cret", "gu3ss"));
  }

  @Test
  void openRegistry_isAskedWithoutALogin() throws Exception {
    on(
        "/v2/team/train/manifests/2",
        (exchange, _) -> {
          assertThat(exchange.getRequestHeaders().getFirst("Accept"))
              .contains("manifest.list.v2+json", "oci.image.index.v1+json");
          // what it says itself is not relied upon
          exchange.getResponseHeaders().add("Docker-Content-Digest", "sha256:0");
          say(exchange, 200, MANIFEST);
        });
    assertThat(resolve(ALICE)).isEqualTo(DIGEST);
    assertThat(asked).containsExactly("/v2/team/train/manifests/2 null");
  }

  @Test
  void nameWithADigest_needsNoRegistry() throws Exception {
    ImageName name = ImageName.parse(registry + "/team/train@" + DIGEST);
    assertThat(digests.resolve(name, Logins.NONE)).isEqualTo(DIGEST);
    assertThat(asked).isEmpty();
  }

  @Test
  void registryThatWantsAPassword_isGivenIt_andAWrongOneIsNamed() throws Exception {
    on(
        "/v2/team/train/manifests/2",
        (exchange, authorization) -> {
          if (authorization.equals(basic("alice", "s3cret"))) {
            say(exchange, 200, MANIFEST);
          } else {
            challenge(exchange, "Basic realm=\"test\"");
          }
        });
    assertThat(resolve(ALICE)).isEqualTo(DIGEST);
    assertRefused(MALLORY, false, "refused the login of mallory for", "team/train:2");
    assertRefused(Logins.NONE, false, "wants a login for", registry + "/team/train");
  }

  @Test
  void registryThatWantsAToken_getsOneFromWhomItTrusts() throws Exception {
    on(
        "/v2/team/train/manifests/2",
        (exchange, authorization) -> {
          if (authorization.equals("Bearer t0ken")) {
            say(exchange, 200, MANIFEST);
          } else {
            challenge(
                exchange,
                "Bearer realm=\"http://%s/token\",service=\"a registry\",scope=\"%s\""
                    .formatted(registry, "repository:team/train:pull"));
          }
        });
    on(
        "/token",
        (exchange, authorization) -> {
          if (authorization.isEmpty() || authorization.equals(basic("alice", "s3cret"))) {
            say(exchange, 200, "{\"expires_in\": 300, \"token\": \"t0ken\"}");
          } else {
            say(exchange, 401, "{}");
          }
        });
    assertThat(resolve(Logins.NONE)).isEqualTo(DIGEST);
    assertThat(asked.get(1))
        .isEqualTo("/token?service=a+registry&scope=repository%3Ateam%2Ftrain%3Apull null");
    assertThat(resolve(ALICE)).isEqualTo(DIGEST);
    assertRefused(MALLORY, false, "refused the login of mallory");
  }

  @Test
  void passwordIsNotSent_toSomebodyWithoutEncryption() {
    on(
        "/v2/team/train/manifests/2",
        (exchange, _) -> challenge(exchange, "Bearer realm=\"http://192.0.2.1/token\""));
    assertRefused(ALICE, false, "http://192.0.2.1/token without encryption");
  }

  @Test
  void redirect_isFollowed_withoutTheLoginOnAnotherHost() throws Exception {
    on(
        "/v2/team/train/manifests/2",
        (exchange, authorization) -> {
          if (authorization.isEmpty()) {
            challenge(exchange, "Basic realm=\"test\"");
            return;
          }
          exchange
              .getResponseHeaders()
              .add("Location", "http://localhost:" + server.getAddress().getPort() + "/elsewhere");
          say(exchange, 307, "");
        });
    on("/elsewhere", (exchange, _) -> say(exchange, 200, MANIFEST));
    assertThat(resolve(ALICE)).isEqualTo(DIGEST);
    assertThat(asked.getLast()).isEqualTo("/elsewhere null");
  }

  @Test
  void imageThatIsNotThere_isNamed() {
    on("/v2/", (exchange, _) -> say(exchange, 404, "{}"));
    assertRefused(Logins.NONE, false, "There is no image", "team/train:2");
  }

  @Test
  void registryThatIsBroken_mayWorkLater() {
    on("/v2/", (exchange, _) -> say(exchange, 503, "{}"));
    assertRefused(Logins.NONE, true, "status 503");
  }

  @Test
  void loginThatCannotBeRead_saysWhy() {
    on("/v2/", (exchange, _) -> challenge(exchange, "Basic realm=\"test\""));
    assertRefused(
        (_, _) -> {
          throw new IOException("There is no file /run/secrets/registry.");
        },
        false,
        "could not be read: There is no file /run/secrets/registry.");
  }

  @Test
  void registryThatHangs_isGivenUp() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        ImageDigests impatient = new ImageDigests(Duration.ofSeconds(1))) {
      ImageName name = ImageName.parse("127.0.0.1:" + silent.getLocalPort() + "/a:1");
      assertThatExceptionOfType(PreparationException.class)
          .isThrownBy(() -> impatient.resolve(name, Logins.NONE))
          .withMessageContaining("did not answer within 1 seconds")
          .satisfies(e -> assertThat(e.isOfThisNode()).isTrue());
    }
  }

  @Test
  void registryThatHangs_inTheMiddleOfItsAnswer_isGivenUp() {
    on(
        "/v2/",
        (exchange, _) -> {
          exchange.sendResponseHeaders(200, 100);
          exchange.getResponseBody().write('{');
          exchange.getResponseBody().flush();
          try {
            over.await();
          } catch (InterruptedException e) {
            // the server ends
          }
        });
    try (ImageDigests impatient = new ImageDigests(Duration.ofSeconds(1))) {
      ImageName name = ImageName.parse(registry + "/a:1");
      assertThatExceptionOfType(PreparationException.class)
          .isThrownBy(() -> impatient.resolve(name, Logins.NONE))
          .withMessageContaining("did not answer");
    }
  }

  @Test
  void registryThatIsNotThere_isSaid() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    ImageName name = ImageName.parse("127.0.0.1:" + port + "/a:1");
    assertThatExceptionOfType(PreparationException.class)
        .isThrownBy(() -> digests.resolve(name, Logins.NONE))
        .withMessageContaining("could not be asked for")
        .withMessageContaining("nothing answers there");
  }

  @Test
  void identityToken_isExchangedForOneOfTheRegistry_andNeverSentAsAPassword() throws Exception {
    on(
        "/v2/team/train/manifests/2",
        (exchange, authorization) -> {
          if (authorization.equals("Bearer t0ken")) {
            say(exchange, 200, MANIFEST);
          } else {
            challenge(
                exchange,
                "Bearer realm=\"http://%s/token\",service=\"here\",scope=\"repository:team/train:pull\""
                    .formatted(registry));
          }
        });
    List<String> forms = new CopyOnWriteArrayList<>();
    on(
        "/token",
        (exchange, authorization) -> {
          assertThat(exchange.getRequestMethod()).isEqualTo("POST");
          assertThat(authorization).isEmpty();
          forms.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          say(exchange, 200, "{\"access_token\": \"t0ken\"}");
        });
    Logins identity = (_, _) -> Optional.of(new Login.Password("<token>", "s3cret"));

    assertThat(resolve(identity)).isEqualTo(DIGEST);
    assertThat(forms)
        .containsExactly(
            "grant_type=refresh_token&client_id=grain&refresh_token=s3cret&service=here"
                + "&scope=repository%3Ateam%2Ftrain%3Apull");
  }
}
