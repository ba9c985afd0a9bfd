package dev.grain.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.grain.GrainInterruptedException;
import dev.grain.client.GrainClient.Submitted;
import dev.grain.spec.JobSpec;
import dev.grain.spec.WorkSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a client does with answers of any kind, which a server has been told. */
final class GrainClientTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String ME = "{\"name\": \"ada\", \"role\": \"admin\"}";
  private static final String MADE =
      "{\"jobs\":[{\"id\":\"a\",\"state\":\"QUEUED\",\"made\":true}]}";
  private static final JobSpec JOB = JobSpec.of(WorkSpec.command("true"));

  private final Queue<Told> answers = new ConcurrentLinkedQueue<>();
  private final List<Seen> requests = new CopyOnWriteArrayList<>();
  private final Waits waits = new Waits();
  private HttpServer server;
  private GrainClient client;

  /** An answer; one without a status ends the connection. */
  private record Told(int status, String type, String body, String retryAfter) {}

  private record Seen(String line, String key, String token, String body) {}

  /** A clock that moves only while somebody waits. */
  private static final class Waits implements HeadCalls.Pauses {
    private final List<Duration> all = new CopyOnWriteArrayList<>();

    @Override
    public long nanoTime() {
      return all.stream().mapToLong(Duration::toNanos).sum();
    }

    @Override
    public void wait(Duration duration) {
      all.add(duration);
    }
  }

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::serve);
    server.start();
    client = client(server.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    client.close();
    server.stop(0);
  }

  private GrainClient client(int port) {
    return GrainClient.of(
        HeadLocation.of("http://127.0.0.1:" + port).withToken("grain_x"), PATIENCE, waits);
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      requests.add(
          new Seen(
              exchange.getRequestMethod() + " " + exchange.getRequestURI(),
              String.valueOf(exchange.getRequestHeaders().getFirst("Idempotency-Key")),
              exchange.getRequestHeaders().getFirst("Authorization"),
              new String(exchange.getRequestBody().readAllBytes(), UTF_8)));
      Told told = answers.remove();
      if (told.status() > 0) {
        exchange.getResponseHeaders().add("Content-Type", told.type());
        if (!told.retryAfter().isEmpty()) {
          exchange.getResponseHeaders().add("Retry-After", told.retryAfter());
        }
        byte[] body = told.body().getBytes(UTF_8);
        exchange.sendResponseHeaders(told.status(), body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
      }
    }
  }

  private void answer(int status, String body) {
    answers.add(new Told(status, "application/json", body, ""));
  }

  private void refuse(int status, String type, String retryAfter) {
    String body =
        "{\"type\":\"urn:grain:problem:%s\",\"title\":\"x\",\"status\":%s,\"detail\":\"Why.\"}"
            .formatted(type, status);
    answers.add(new Told(status, "application/problem+json", body, retryAfter));
  }

  private void loseConnection() {
    answers.add(new Told(0, "", "", ""));
  }

  private GrainClientException failure(Runnable call) {
    GrainClientException failure = catchThrowableOfType(GrainClientException.class, call::run);
    assertThat(failure).isNotNull();
    return failure;
  }

  // ---------------------------------------------------------------- what is sent again

  @Test
  void submit_whoseAnswerIsLost_isSentAgainWithTheSameKey() {
    loseConnection();
    refuse(503, "unavailable", "");
    answer(201, MADE);
    assertThat(client.submit(List.of(JOB)))
        .containsExactly(new Submitted("a", JobState.QUEUED, true));
    assertThat(requests).hasSize(3);
    assertThat(Set.copyOf(requests)).hasSize(1);
    assertThat(requests.getFirst().key()).matches("[0-9a-f-]{36}");
    assertThat(requests.getFirst().token()).isEqualTo("Bearer grain_x");
    assertThat(requests.getFirst().body()).isEqualTo("[{\"command\":[\"true\"]}]");
    assertThat(waits.all).containsExactly(Duration.ofMillis(100), Duration.ofMillis(200));
  }

  @Test
  void request_thatIsOneTooMany_waitsAsLongAsTheHeadAsks() {
    refuse(429, "too-many-requests", "1");
    answer(200, ME);
    assertThat(client.me()).isEqualTo(new GrainClient.Me("ada", "admin"));
    assertThat(waits.all).containsExactly(Duration.ofSeconds(1));
  }

  @Test
  void request_isSentAgain_untilThePatienceEnds() {
    IntStream.range(0, 100).forEach(_ -> refuse(503, "unavailable", "4"));
    GrainClientException failure = failure(() -> client.me());
    assertThat(failure.type()).isEqualTo("unavailable");
    assertThat(failure.status()).isEqualTo(503);
    assertThat(failure).hasMessage("Why.");
    assertThat(waits.all).hasSize(2);
    // a head that asks for more is not waited for
    answers.clear();
    refuse(503, "unavailable", "11");
    assertThat(failure(() -> client.me()).type()).isEqualTo("unavailable");
    assertThat(waits.all).hasSize(2);
  }

  @Test
  void request_thatMakesSomething_isNotSentAgain_ifItMayHaveBeenServed() {
    loseConnection();
    GrainClientException lost = failure(() -> client.addUser("bob", "submit"));
    assertThat(lost.type()).isEqualTo(GrainClientException.UNREACHABLE);
    assertThat(lost).hasMessageContaining("look before you repeat it");
    refuse(503, "unavailable", "");
    assertThat(failure(() -> client.createToken("x", Optional.empty(), Optional.empty())).type())
        .isEqualTo("unavailable");
    assertThat(waits.all).isEmpty();
    // what was refused for its number was not served
    refuse(429, "too-many-requests", "1");
    answers.add(new Told(204, "text/plain", "", ""));
    client.removeUser("bob");
    assertThat(requests).hasSize(4);
  }

  @Test
  void request_thatIsWrong_isNotSentAgain() {
    answers.add(
        new Told(
            422,
            "application/problem+json",
            "{\"type\":\"urn:grain:problem:invalid\",\"detail\":\"Wrong.\",\"problems\":[{\"pointer\":\"/0/x\",\"line\":1,\"column\":2,\"message\":\"No.\"}]}",
            ""));
    GrainClientException failure = failure(() -> client.submit(List.of(JOB)));
    assertThat(failure.is("invalid")).isTrue();
    assertThat(failure.problems()).containsExactly(new Problem("/0/x", 1, 2, "No.", "", ""));
    assertThat(requests).hasSize(1);
  }

  // ---------------------------------------------------------------- what is no answer

  @Test
  void answer_thatIsNotOfAHead_isShown() {
    answers.add(new Told(200, "text/html", "<html>\n<h1>Router</h1>" + "x".repeat(9999), ""));
    GrainClientException html = failure(() -> client.me());
    assertThat(html.type()).isEqualTo(GrainClientException.UNEXPECTED);
    assertThat(html)
        .hasMessageContaining("no head of Grain, or one of another version")
        .hasMessageContaining("status 200, text/html (it is not JSON)")
        .hasMessageContaining("<html> <h1>Router</h1>");
    assertThat(html.getMessage()).hasSizeLessThan(800);
    for (String body : List.of("[]", "{}", "{\"name\": 7}", "null", "", "{\"name\": \"a\"")) {
      answer(200, body);
      assertThat(failure(() -> client.me()).type()).as(body).isEqualTo("unexpected");
    }
    answers.add(new Told(302, "text/html", "moved", ""));
    assertThat(failure(() -> client.me())).hasMessageContaining("status 302");
    answers.add(new Told(404, "application/json", "{\"type\": \"about:blank\"}", ""));
    assertThat(failure(() -> client.me()).type()).isEqualTo("unexpected");
    assertThat(waits.all).isEmpty();
  }

  @Test
  void gateway_whoseHeadIsAway_isAskedAgain() {
    answers.add(new Told(502, "text/html", "bad gateway", ""));
    answer(200, ME);
    assertThat(client.me().name()).isEqualTo("ada");
  }

  @Test
  void head_thatIsAway_isWaitedFor() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    try (GrainClient away = client(port)) {
      GrainClientException failure = failure(away::ensureHealthy);
      assertThat(failure.type()).isEqualTo(GrainClientException.UNREACHABLE);
      assertThat(failure.status()).isZero();
      assertThat(failure)
          .hasMessageContaining("Nothing accepts connections at http://127.0.0.1:" + port)
          .hasMessageContaining("grain head status");
      assertThat(Duration.ofNanos(waits.nanoTime())).isBetween(PATIENCE.minusSeconds(2), PATIENCE);
      assertThat(waits.all).contains(Duration.ofSeconds(2));
    }
  }

  @Test
  void thread_thatIsInterrupted_getsThat() {
    Thread.currentThread().interrupt();
    assertThatExceptionOfType(GrainInterruptedException.class).isThrownBy(() -> client.me());
    assertThat(Thread.interrupted()).isTrue();
  }

  // ---------------------------------------------------------------- lists and large requests

  private static String page(String next, String... ids) {
    List<String> jobs = new ArrayList<>();
    for (String id : ids) {
      jobs.add(
          "{\"id\":\"%s\",\"owner\":\"ada\",\"state\":\"NEW-STATE\",\"priority\":1.5,\"attempt\":0,\"submitted\":\"2026-11-30T00:00:00Z\",\"more\":1}"
              .formatted(id));
    }
    return "{\"jobs\":[%s]%s}"
        .formatted(String.join(",", jobs), next.isEmpty() ? "" : ",\"next\":\"" + next + "\"");
  }

  @Test
  void list_ofPagesThatAreShortOrEmpty_goesOnToTheEnd() {
    answer(200, page("p 1", "a", "b"));
    answer(200, page("p2"));
    answer(200, page("", "c"));
    JobFilter filter =
        JobFilter.ALL
            .states(Set.of(JobState.RUNNING, JobState.QUEUED))
            .named("t*")
            .labelled("k", "a&b=c")
            .ownedBy("ada");
    List<JobInfo> jobs = client.list(filter, 2500);
    assertThat(jobs).extracting(JobInfo::id).containsExactly("a", "b", "c");
    assertThat(jobs.getFirst().state()).isEqualTo(JobState.OTHER);
    assertThat(jobs.getFirst().priority()).isEqualTo(1.5);
    assertThat(jobs.getFirst().started()).isEmpty();
    String query =
        "state=QUEUED&state=RUNNING&label=k%3Da%26b%3Dc&name=t%2A&owner=ada".replace("%2A", "*");
    assertThat(requests)
        .extracting(Seen::line)
        .containsExactly(
            "GET /api/v1/jobs?limit=1000&" + query,
            "GET /api/v1/jobs?limit=1000&" + query + "&after=p%201",
            "GET /api/v1/jobs?limit=1000&" + query + "&after=p2");
  }

  @Test
  void list_withALimit_endsThere() {
    answer(200, page("p1", "a", "b"));
    assertThat(client.list(JobFilter.ALL, 2)).hasSize(2);
    assertThat(requests.getFirst().line()).isEqualTo("GET /api/v1/jobs?limit=2");
    answer(200, page("", "a"));
    assertThat(client.page(JobFilter.ALL, 7).jobs()).hasSize(1);
  }

  @Test
  void submit_ofMoreThanFitsIntoARequest_sendsSeveral_withKeysThatAreTheSameEachTime() {
    JobSpec large = JobSpec.of(WorkSpec.command("echo", "x".repeat(400_000)));
    for (int i = 0; i < 2; i++) {
      answer(201, MADE.replace("}]", "},{\"id\":\"b\",\"state\":\"HELD\",\"made\":false}]"));
      answer(201, MADE);
      assertThat(client.submit("night", List.of(large, large, large))).hasSize(3);
    }
    assertThat(requests)
        .extracting(Seen::key)
        .containsExactly("night", "night.1", "night", "night.1");
    assertThat(requests).allSatisfy(each -> assertThat(each.body().length()).isLessThan(1 << 20));
  }

  @Test
  void id_withAnyCharacters_staysOnePartOfThePath() {
    refuse(404, "not-found", "");
    assertThat(failure(() -> client.get("../users?a=\u00e9 b")).is("not-found")).isTrue();
    assertThat(requests.getFirst().line())
        .isEqualTo("GET /api/v1/jobs/..%2Fusers%3Fa%3D%C3%A9%20b");
  }
}
