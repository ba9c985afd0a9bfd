package dev.grain.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.service.store.By;
import dev.grain.service.store.Tokens;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Who is let in, and what everybody is answered. */
final class EntranceTest extends Served {
  private Answer with(String authorization) {
    return send(HttpRequest.newBuilder(uri("/api/v1/me")).header("Authorization", authorization));
  }

  @Test
  void me_isWhoseTokenItIs() {
    Answer answer = get("eve", "/me").ensure(200);
    assertThat(answer.text("/name")).isEqualTo("eve");
    assertThat(answer.text("/role")).isEqualTo("read");
    with("bearer   " + tokens.get("ada")).ensure(200);
  }

  @Test
  void request_withoutATokenThatIsKnown_isRefused() {
    Answer none = send(HttpRequest.newBuilder(uri("/api/v1/jobs")));
    assertThat(none.problem(401, "unauthenticated")).contains("Authorization: Bearer TOKEN");
    assertThat(none.header("WWW-Authenticate")).startsWith("Bearer");
    assertThat(with("Basic YTpi").problem(401, "unauthenticated")).contains("of the form");
    assertThat(with("Bearer grain_x").problem(401, "unauthenticated")).contains("revoked");
    assertThat(with("Bearer " + "x".repeat(5000)).problem(401, "unauthenticated"))
        .contains("not known");
  }

  @Test
  void token_thatHasExpired_isRefused() {
    By past = new By("root", Instant.EPOCH);
    String text =
        store
            .write(
                handle -> new Tokens(handle).create("ada", "old", Optional.of(Instant.EPOCH), past))
            .join();
    with("Bearer " + text).problem(401, "unauthenticated");
  }

  @Test
  void token_isKnownToHaveBeenUsed() {
    get("ada", "/me").ensure(200);
    // changes are made in their order
    store.write(_ -> true).join();
    Answer all = get("ada", "/tokens").ensure(200);
    assertThat(Instant.parse(all.text("/tokens/0/used"))).isAfter(Instant.EPOCH);
    assertThat(new String(all.bytes(), UTF_8)).doesNotContain(tokens.get("ada"));
  }

  @Test
  void role_thatIsNotEnough_isRefused() {
    assertThat(post("eve", "/jobs", "{}").problem(403, "forbidden"))
        .contains("eve has the role read, but this needs submit.");
    get("ada", "/users").problem(403, "forbidden");
    get("ada", "/audit").problem(403, "forbidden");
    post("ada", "/users", "{}").problem(403, "forbidden");
  }

  @Test
  void health_needsNoToken_andTellsWhetherTheStoreWorks() {
    Answer up = send(HttpRequest.newBuilder(uri("/health"))).ensure(200);
    assertThat(up.text("/status")).isEqualTo("up");
    assertThat(up.header("Content-Type")).isEqualTo("application/json");
    assertThat(up.header("X-Content-Type-Options")).isEqualTo("nosniff");
    store.close();
    Answer down = send(HttpRequest.newBuilder(uri("/health")));
    down.problem(503, "unavailable");
    assertThat(down.header("Retry-After")).isNotEmpty();
  }

  @Test
  void path_thatIsNotServed_isAProblem() {
    assertThat(get("ada", "/job").problem(404, "not-found")).contains("/api/v1/job");
    Answer wrong = delete("ada", "/jobs");
    assertThat(wrong.problem(405, "method-not-allowed")).contains("DELETE");
    assertThat(wrong.header("Allow")).contains("GET").contains("POST");
    get("ada", "/jobs/a%2Fb").problem(404, "not-found");
    get("ada", "/jobs/%00abc").problem(400, "bad-request");
    get("ada", "/jobs/" + "x".repeat(300)).problem(400, "bad-request");
  }

  @Test
  void parameter_thatIsUnknown_orTwice_isNamed() {
    assertThat(get("ada", "/jobs?stat=QUEUED").problem(400, "bad-request"))
        .contains("\"stat\" is not known here. Did you mean \"state\"?");
    assertThat(get("ada", "/me?a=b").problem(400, "bad-request")).contains("Possible are: none");
    assertThat(get("ada", "/jobs?limit=1&limit=2").problem(400, "bad-request"))
        .contains("\"limit\" is there 2 times");
    get("ada", "/jobs?name=%00").problem(400, "bad-request");
  }

  @Test
  void requests_ofAUserThatAreTooMany_areRefused_andComeAgain() {
    for (int i = 0; i < 100; i++) {
      get("ada", "/me").ensure(200);
    }
    Answer refused = get("ada", "/me");
    assertThat(refused.problem(429, "too-many-requests")).contains("ada has sent more than 100");
    assertThat(refused.header("Retry-After")).isEqualTo("1");
    get("bob", "/me").ensure(200);
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(10));
    get("ada", "/me").ensure(200);
    get("ada", "/me").problem(429, "too-many-requests");
  }

  @Test
  void start_atAnAddressThatIsTaken_saysWhatToDo() {
    HttpSettings taken = new HttpSettings("127.0.0.1", server.port(), Optional.empty());
    assertThatThrownBy(() -> HttpServer.start(taken, services()).close())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("HTTP cannot be served at 127.0.0.1:" + server.port())
        .hasMessageContaining("Stop what listens there");
  }
}
