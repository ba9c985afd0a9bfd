package dev.grain.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Users, tokens and the audit by HTTP. */
final class UserRoutesTest extends Served {
  private Answer me(String token) {
    return send(
        HttpRequest.newBuilder(uri("/api/v1/me")).header("Authorization", "Bearer " + token));
  }

  private List<String> actions(String path) {
    List<String> lines = new ArrayList<>();
    get("root", path)
        .ensure(200)
        .json()
        .at("/lines")
        .forEach(
            each -> lines.add(each.at("/who").asString() + " " + each.at("/action").asString()));
    return lines;
  }

  @Test
  void user_isAddedChangedAndRemoved_withALineOfAuditEach() {
    Answer added =
        post("root", "/users", "{\"name\": \"dan@acme\", \"role\": \"read\"}").ensure(201);
    assertThat(added.text("/role")).isEqualTo("read");
    assertThat(new String(get("root", "/users").ensure(200).bytes(), UTF_8)).contains("dan@acme");
    String token =
        post("root", "/tokens", "{\"owner\": \"dan@acme\", \"label\": \"laptop\"}")
            .ensure(201)
            .text("/token");
    assertThat(me(token).ensure(200).text("/role")).isEqualTo("read");
    patch("root", "/users/dan@acme", "{\"role\": \"submit\"}").ensure(200);
    assertThat(me(token).ensure(200).text("/role")).isEqualTo("submit");
    assertThat(delete("root", "/users/dan@acme").ensure(204).bytes()).isEmpty();
    me(token).problem(401, "unauthenticated");
    assertThat(actions("/audit?limit=4"))
        .containsExactly(
            "root user.remove", "root user.change", "root token.create", "root user.add");
    Answer page = get("root", "/audit?limit=3");
    assertThat(actions("/audit?limit=1&before=" + page.json().at("/next").asLong()))
        .containsExactly("root user.add");
  }

  @Test
  void users_thatContradict_areRefused() {
    post("root", "/users", "{\"name\": \"ada\", \"role\": \"read\"}").problem(409, "taken");
    assertThat(delete("root", "/users/root").problem(409, "conflict")).contains("only admin");
    delete("root", "/users/nobody").problem(404, "not-found");
    patch("root", "/users/nobody", "{\"role\": \"read\"}").problem(404, "not-found");
    for (String wrong :
        List.of(
            "",
            "[]",
            "{",
            "{\"name\": \"x\"}",
            "{\"name\": \"x y\", \"role\": \"read\"}",
            "{\"name\": 7, \"role\": \"read\"}",
            "{\"name\": \"x\", \"role\": \"king\"}",
            "{\"name\": \"\\ud800\", \"role\": \"read\"}",
            "{\"name\": \"x\", \"name\": \"y\", \"role\": \"read\"}")) {
      post("root", "/users", wrong).problem(422, "invalid");
    }
    assertThat(
            post("root", "/users", "{\"nam\": \"x\", \"role\": \"read\"}")
                .text("/problems/0/message"))
        .contains("did you mean \"name\"?");
  }

  @Test
  void token_isToldOnce_andNobodyAfterItWasRevoked() {
    Answer made = post("ada", "/tokens", "{\"label\": \"laptop\"}").ensure(201);
    String token = made.text("/token");
    assertThat(me(token).ensure(200).text("/name")).isEqualTo("ada");
    Answer all = get("ada", "/tokens").ensure(200);
    assertThat(all.json().at("/tokens")).hasSize(2);
    assertThat(new String(all.bytes(), UTF_8)).contains("laptop").doesNotContain(token);
    delete("bob", "/tokens/" + made.json().at("/number").asLong()).problem(404, "not-found");
    delete("ada", "/tokens/" + made.json().at("/number").asLong()).ensure(204);
    me(token).problem(401, "unauthenticated");
    delete("ada", "/tokens/x").problem(400, "bad-request");
  }

  @Test
  void tokens_ofOthers_areAnAdmins() {
    get("ada", "/tokens?owner=bob").problem(403, "forbidden");
    post("ada", "/tokens", "{\"owner\": \"bob\", \"label\": \"x\"}").problem(403, "forbidden");
    assertThat(get("root", "/tokens").ensure(200).json().at("/tokens")).hasSize(4);
    assertThat(get("root", "/tokens?owner=bob").ensure(200).json().at("/tokens")).hasSize(1);
    post("root", "/tokens", "{\"owner\": \"nobody\", \"label\": \"x\"}").problem(404, "not-found");
    post("ada", "/tokens", "{\"label\": \"x\", \"expires\": \"2020-01-01T00:00:00Z\"}")
        .problem(422, "invalid");
    post("ada", "/tokens", "{\"label\": \"x\", \"expires\": \"soon\"}").problem(422, "invalid");
    post("ada", "/tokens", "{\"label\": \" \"}").problem(422, "invalid");
  }
}
