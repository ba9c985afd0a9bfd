package dev.grain.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The document that describes the interface, and requests that are made from it. */
final class OpenApiTest extends Served {
  private static final int REQUESTS = 3000;

  /** An operation of the document. */
  private record Operation(String method, String path, JsonNode description) {}

  private List<Operation> operations() {
    List<Operation> all = new ArrayList<>();
    documented
        .document()
        .at("/paths")
        .properties()
        .forEach(path ->
            path.getValue()
                .properties()
                .forEach(each ->
                    all.add(
                        new Operation(
                            each.getKey().toUpperCase(Locale.ROOT),
                            path.getKey(),
                            each.getValue()))));
    return all;
  }

  @Test
  void document_isServedToAnybody_andHasAllRoutes() {
    Answer answer = send(HttpRequest.newBuilder(uri("/openapi.json"))).ensure(200);
    assertThat(answer.json()).isEqualTo(documented.document());
    assertThat(operations())
        .extracting(each -> each.method() + " " + each.path())
        .containsExactlyInAnyOrderElementsOf(
            server.routes().stream().map(each -> each.method() + " " + each.path()).toList());
  }

  @Test
  void document_isComplete() {
    for (Operation each : operations()) {
      assertThat(each.description().path("summary").asString("")).as(each.path()).endsWith(".");
      assertThat(each.description().at("/responses").size()).as(each.path()).isGreaterThan(1);
    }
    documented
        .document()
        .findValues("$ref")
        .forEach(reference ->
            assertThat(documented.document().at(reference.asString().substring(1)).isMissingNode())
                .as(reference.asString())
                .isFalse());
  }

  @Test
  void schemaOfJobs_isThatOfJobFiles() {
    Map<String, Boolean> valid =
        Map.of(
            "{\"command\": [\"true\"]}", true,
            "[{\"command\": [\"true\"]}]", true,
            "{\"defaults\": {}, \"jobs\": [{\"shell\": \"true\"}]}", true,
            "{\"comand\": [\"true\"]}", false,
            "[]", false);
    valid.forEach((json, expected) ->
        assertThat(documented.isValid("#/components/schemas/Jobs", new JsonMapper().readTree(json)))
            .as(json)
            .isEqualTo(expected));
  }

  @Test
  void requests_madeFromTheDocument_areNeverAFailureOfTheHead() throws Exception {
    String id = submit("root", "{\"id\": \"mine\", \"command\": [\"a\"]}");
    Fuzz fuzz = new Fuzz(documented.document(), 16);
    List<Operation> operations = operations();
    Map<String, TreeSet<Integer>> seen = new TreeMap<>();
    for (int i = 0; i < REQUESTS; i++) {
      nanos.addAndGet(1_000_000_000);
      Operation operation = fuzz.pick(operations);
      // none of them is about root, whose tokens they may revoke
      int status = status(request(fuzz, operation, id));
      seen.computeIfAbsent(operation.method() + " " + operation.path(), _ -> new TreeSet<>())
          .add(status);
      if (status == 401) {
        tokens = withNewTokenOfRoot();
      }
    }
    // the requests are good enough to succeed with each, and bad enough to be refused
    assertThat(seen).hasSameSizeAs(operations);
    assertThat(seen.values())
        .anyMatch(each -> each.contains(201))
        .anyMatch(each -> each.contains(422));
    assertThat(seen.get("POST /api/v1/jobs")).contains(201, 422);
    assertThat(seen.get("GET /api/v1/jobs")).contains(200, 400);
    assertThat(seen.get("POST /api/v1/users")).contains(201, 422);
  }

  private int status(HttpRequest.Builder request) throws Exception {
    if (request.build().uri().toString().contains("follow=true")) {
      // may go on for long
      HttpResponse<InputStream> answer = client.send(request.build(), BodyHandlers.ofInputStream());
      answer.body().close();
      assertThat(answer.statusCode()).as("%s", request.build()).isLessThan(500);
      return answer.statusCode();
    }
    Answer answer = send(request);
    String what = answer.response().request() + " " + new String(answer.bytes(), UTF_8);
    assertThat(answer.status()).as(what).isLessThan(500);
    return answer.status();
  }

  /** A request may have revoked the one that was used. */
  private Map<String, String> withNewTokenOfRoot() {
    return Map.of("root", token("root"));
  }

  private HttpRequest.Builder request(Fuzz fuzz, Operation operation, String id) {
    String path = operation.path();
    List<String> query = new ArrayList<>();
    List<String> headers = new ArrayList<>();
    for (JsonNode each : operation.description().path("parameters")) {
      String name = each.path("name").asString();
      JsonNode schema = each.path("schema");
      switch (each.path("in").asString()) {
        case "path" -> {
          String value = name.equals("id") && fuzz.chance(0.7) ? id : fuzz.plain(schema);
          path = path.replace("{" + name + "}", value.isEmpty() ? "a" : encode(value));
        }
        case "query" -> {
          if (fuzz.chance(0.2)) {
            JsonNode item = schema.has("items") ? schema.get("items") : schema;
            query.add(name + "=" + encode(fuzz.plain(item)));
          }
        }
        default -> {
          String value = fuzz.plain(schema);
          if (fuzz.chance(0.3) && value.matches("[ -~]+")) {
            headers.addAll(List.of(name, value));
          }
        }
      }
    }
    if (fuzz.chance(0.05)) {
      query.add(encode(fuzz.text()) + "=" + encode(fuzz.text()));
    }
    String all = query.isEmpty() ? path : path + "?" + String.join("&", query);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(all)).header("Authorization", "Bearer " + tokens.get("root"));
    for (int i = 0; i < headers.size(); i += 2) {
      request.header(headers.get(i), headers.get(i + 1));
    }
    JsonNode content = operation.description().at("/requestBody/content");
    if (content.has("application/json")) {
      byte[] body = fuzz.body(content.at("/application~1json/schema"));
      return request
          .header("Content-Type", "application/json")
          .method(operation.method(), BodyPublishers.ofByteArray(body));
    }
    byte[] bytes = fuzz.text().getBytes(UTF_8);
    boolean body = content.has("application/octet-stream");
    return request.method(
        operation.method(), body ? BodyPublishers.ofByteArray(bytes) : BodyPublishers.noBody());
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, UTF_8).replace("+", "%20");
  }

  @Test
  void requests_thatAreNoHttp_areRefused() throws IOException {
    for (String line :
        List.of(
            "GET /api/v1/jobs/%zz HTTP/1.1",
            "GET /api/v1/jobs?a=%zz HTTP/1.1",
            "GET /api/v1/../../etc/passwd HTTP/1.1",
            "GET /api/v1/jobs/%2e%2e/me HTTP/1.1",
            "GET /api/v1/jobs;a=b HTTP/1.1",
            "GET //api//v1//jobs HTTP/1.1",
            "GET /api/v1/jobs/%c0%af HTTP/1.1",
            "BREW /api/v1/jobs HTTP/1.1",
            "TRACE /api/v1/jobs HTTP/1.1",
            "GET /api/v1/jobs HTTP/9.9",
            "GET * HTTP/1.1",
            "nonsense")) {
      String status = raw(line);
      assertThat(status).as(line).matches("HTTP/1.1 4\\d\\d .*");
    }
  }

  private String raw(String line) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(60_000);
      socket
          .getOutputStream()
          .write(
              (line
                      + "\r\nHost: a\r\nAuthorization: Bearer "
                      + tokens.get("ada")
                      + "\r\nConnection: close\r\n\r\n")
                  .getBytes(UTF_8));
      String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
      return answer.lines().findFirst().orElse("");
    }
  }
}
