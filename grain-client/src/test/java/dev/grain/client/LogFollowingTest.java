package dev.grain.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How logs are copied from answers that end early. */
final class LogFollowingTest {
  private final Queue<Told> answers = new ConcurrentLinkedQueue<>();
  private final List<String> queries = new CopyOnWriteArrayList<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private HttpServer server;
  private GrainClient client;

  /** An answer; of a part, the connection is lost behind it. */
  private record Told(int status, String body, Map<String, String> headers, boolean part) {}

  private static final class NoPauses implements HeadCalls.Pauses {
    @Override
    public long nanoTime() {
      return 0;
    }

    @Override
    public void wait(Duration duration) {}
  }

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::serve);
    server.start();
    HeadLocation head = HeadLocation.of("http://127.0.0.1:" + server.getAddress().getPort());
    client = GrainClient.of(head.withToken("x"), Duration.ZERO, new NoPauses());
  }

  @AfterEach
  void stop() {
    client.close();
    server.stop(0);
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().toString();
      if (path.contains("/logs")) {
        queries.add(path.substring(path.indexOf('?') + 1));
      }
      Told told = answers.remove();
      byte[] body = told.body().getBytes(UTF_8);
      told.headers().forEach(exchange.getResponseHeaders()::add);
      int more = told.part() ? 1 : 0;
      exchange.sendResponseHeaders(
          told.status(), body.length + more == 0 ? -1 : body.length + more);
      exchange.getResponseBody().write(body);
      exchange.getResponseBody().flush();
    }
  }

  private void job(String state, int attempt) {
    answers.add(
        new Told(
            200,
            "{\"id\":\"job-a\",\"owner\":\"ada\",\"state\":\"%s\",\"priority\":1,\"attempt\":%s,\"submitted\":\"2026-11-30T00:00:00Z\",\"labels\":{},\"spec\":{}}"
                .formatted(state, attempt),
            Map.of(),
            false));
  }

  private void log(int attempt, long offset, String text, boolean part) {
    Map<String, String> headers =
        Map.of("Grain-Attempt", "" + attempt, "Grain-Offset", Long.toString(offset));
    answers.add(new Told(200, text, headers, part));
  }

  private String followed(LogQuery query) throws IOException {
    client.follow("a", query, out);
    assertThat(answers).isEmpty();
    return out.toString(UTF_8);
  }

  @Test
  void follow_whoseConnectionIsLost_goesOnWhereItWas() throws IOException {
    job("RUNNING", 1);
    log(1, 0, "abc", true);
    job("RUNNING", 1);
    // a head that was stopped ends its answers
    log(1, 3, "de", false);
    job("RUNNING", 1);
    log(1, 5, "f", false);
    job("SUCCEEDED", 1);
    log(1, 6, "g", false);
    assertThat(followed(LogQuery.ALL)).isEqualTo("abcdefg");
    assertThat(queries)
        .containsExactly(
            "follow=true", "follow=true&offset=3", "follow=true&offset=5", "follow=false&offset=6");
  }

  @Test
  void follow_ofTheEnd_asksForItOnce() throws IOException {
    job("RUNNING", 1);
    log(1, 100, "abc", true);
    job("RUNNING", 1);
    log(1, 103, "d", false);
    job("FAILED", 1);
    log(1, 104, "", false);
    assertThat(followed(LogQuery.ALL.tail(3).stream(LogQuery.Stream.ERR))).isEqualTo("abcd");
    assertThat(queries)
        .containsExactly(
            "follow=true&stream=err&tail=3",
            "follow=true&stream=err&offset=103",
            "follow=false&stream=err&offset=104");
  }

  @Test
  void follow_thatIsLostWhileAnAttemptBegins_copiesAllOfTheNewOne() throws IOException {
    job("RUNNING", 1);
    log(1, 0, "abc", true);
    job("RUNNING", 2);
    log(2, 0, "new", false);
    job("SUCCEEDED", 2);
    log(2, 3, "", false);
    assertThat(followed(LogQuery.ALL)).isEqualTo("abcnew");
    assertThat(queries)
        .containsExactly("follow=true", "follow=true&offset=0", "follow=false&offset=3");
  }

  @Test
  void follow_ofAnAttempt_endsWithIt() throws IOException {
    job("RUNNING", 1);
    log(1, 0, "abc", false);
    job("QUEUED", 1);
    answers.add(
        new Told(
            200,
            "{\"attempts\":[{\"number\":1,\"node\":\"n\",\"sent\":\"2026-11-30T00:00:00Z\",\"ended\":\"2026-11-30T00:00:01Z\"}]}",
            Map.of(),
            false));
    log(1, 3, "d", false);
    assertThat(followed(LogQuery.ALL.attempt(1))).isEqualTo("abcd");
    assertThat(queries).containsExactly("follow=true&attempt=1", "follow=false&attempt=1&offset=3");
  }

  @Test
  void logs_copiesOnce_andTellsIfTheConnectionWasLost() throws IOException {
    job("RUNNING", 1);
    log(1, 0, "abc", false);
    client.logs("a", LogQuery.ALL, out);
    assertThat(out.toString(UTF_8)).isEqualTo("abc");
    job("RUNNING", 1);
    log(1, 0, "abc", true);
    GrainClientException lost =
        catchThrowableOfType(GrainClientException.class, () -> client.logs("a", LogQuery.ALL, out));
    assertThat(lost.type()).isEqualTo(GrainClientException.UNREACHABLE);
    job("RUNNING", 1);
    answers.add(
        new Told(
            404,
            "{\"type\":\"urn:grain:problem:not-found\",\"detail\":\"Nothing is kept.\"}",
            Map.of(),
            false));
    GrainClientException none =
        catchThrowableOfType(GrainClientException.class, () -> client.logs("a", LogQuery.ALL, out));
    assertThat(none).hasMessage("Nothing is kept.");
    assertThat(none.type()).isEqualTo("not-found");
  }

  @Test
  void follow_intoWhatCannotBeWritten_throwsThat() {
    job("RUNNING", 1);
    log(1, 0, "abc", false);
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int value) throws IOException {
            throw new IOException("full");
          }
        };
    assertThatIOException()
        .isThrownBy(() -> client.follow("a", LogQuery.ALL, full))
        .withMessage("full");
  }

  @Test
  void offset_countsTheBytesThatAreNotKept_insteadOfTheTextInTheirPlace() {
    assertThat(LogFollowing.offset(10, 5, "")).isEqualTo(15);
    // 4086 bytes, a text of 75 in place of 4096 others, and 7 bytes
    assertThat(LogFollowing.offset(10, 4086 + 75 + 7, "4096-8192/75")).isEqualTo(8199);
    assertThat(LogFollowing.offset(10, 4086 + 74, "4096-8192/75")).isEqualTo(4096);
    assertThat(LogFollowing.offset(10, 100, "4096-8192/75")).isEqualTo(110);
    assertThat(LogFollowing.offset(0, 1 + 2 + 3 + 4 + 5, "1-10/2, 13-20/4")).isEqualTo(25);
  }
}
