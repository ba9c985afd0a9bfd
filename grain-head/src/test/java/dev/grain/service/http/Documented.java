package dev.grain.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.net.http.HttpRequest;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The OpenAPI document of a server, by which answers are checked. For one thread. */
final class Documented {
  private static final JsonMapper MAPPER = new JsonMapper();

  // by reference; what is served is always the same
  private static final Map<String, Schema> SCHEMAS = new HashMap<>();

  private final JsonNode document;

  private Documented(JsonNode document) {
    this.document = document;
  }

  static Documented at(HttpServer server) {
    return new Documented(MAPPER.readTree(OpenApi.document(server.routes())));
  }

  JsonNode document() {
    return document;
  }

  /** Ensures that an answer is one that the document allows. */
  void ensureDescribes(Served.Answer answer) {
    HttpRequest request = answer.response().request();
    String what = request.method() + " " + request.uri() + " " + answer.status();
    assertThat(answer.status()).as(what).isLessThan(600);
    JsonNode response = response(request, answer.status());
    if (response.isMissingNode()) {
      assertThat(answer.status()).as(what + " is not described").isBetween(400, 599);
      response = document.at("/components/schemas/Problem").isMissingNode() ? response : problem();
    }
    JsonNode reference = response.at("/content").path(type(answer)).at("/schema/$ref");
    if (!reference.isMissingNode() && answer.bytes().length > 0) {
      assertThat(schema(reference.asString()).validate(answer.json()))
          .as(what + " " + answer.json())
          .isEmpty();
    } else {
      boolean head = request.method().equals("HEAD");
      assertThat(head || answer.bytes().length == 0 || response.has("content"))
          .as(what + " has a body that is not described")
          .isTrue();
    }
  }

  private static JsonNode problem() {
    ObjectNode response = MAPPER.createObjectNode();
    response
        .putObject("content")
        .putObject(HttpServer.PROBLEM)
        .putObject("schema")
        .put("$ref", "#/components/schemas/Problem");
    return response;
  }

  private static String type(Served.Answer answer) {
    return answer.header("Content-Type").split(";", 2)[0];
  }

  private JsonNode response(HttpRequest request, int status) {
    String path = request.uri().getRawPath();
    for (Map.Entry<String, JsonNode> each : document.at("/paths").properties()) {
      JsonNode operation = each.getValue().path(request.method().toLowerCase(Locale.ROOT));
      if (!operation.isMissingNode()
          && path.matches(each.getKey().replaceAll("\\{\\w+}", "[^/]+"))) {
        return operation.at("/responses").path(Integer.toString(status));
      }
    }
    return MAPPER.missingNode();
  }

  private Schema schema(String reference) {
    return SCHEMAS.computeIfAbsent(
        reference,
        name -> {
          ObjectNode root = MAPPER.createObjectNode().put("$ref", name);
          root.set("components", document.get("components"));
          return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
              .getSchema(root);
        });
  }

  /** Returns whether a value is one of a schema. */
  boolean isValid(String reference, JsonNode value) {
    return schema(reference).validate(value).isEmpty();
  }
}
