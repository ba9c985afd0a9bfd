package dev.grain.service.http;

import dev.grain.client.JobSpecs;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The description of all routes as OpenAPI 3.1. The file {@code schemas.json} beside this class has
 * the schemas that routes name; that of jobs is the one of job files.
 */
final class OpenApi {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final String SCHEMAS = "schemas.json";
  private static final String JOBS = "Jobs";
  private static final String REFERENCE = "#/components/schemas/";
  private static final String JSON = "application/json";
  private static final Pattern VARIABLE = Pattern.compile("\\{(\\w+)}");

  private OpenApi() {}

  static byte[] document(List<Route> routes) {
    ObjectNode document = MAPPER.createObjectNode().put("openapi", "3.1.0");
    document
        .putObject("info")
        .put("title", "Grain")
        .put("version", "1")
        .put("description", "The jobs, workers, blobs and users of a head.");
    ObjectNode paths = document.putObject("paths");
    for (Route each : routes) {
      String method = each.method().name().toLowerCase(Locale.ROOT);
      paths.withObjectProperty(each.path()).set(method, operation(each));
    }
    ObjectNode components = document.putObject("components");
    components.set("schemas", schemas());
    components
        .putObject("securitySchemes")
        .putObject("token")
        .put("type", "http")
        .put("scheme", "bearer");
    return MAPPER.writeValueAsBytes(document);
  }

  private static ObjectNode schemas() {
    try (InputStream in = OpenApi.class.getResourceAsStream(SCHEMAS)) {
      if (in == null) {
        throw new IllegalStateException(SCHEMAS + " is missing beside " + OpenApi.class);
      }
      ObjectNode schemas = (ObjectNode) MAPPER.readTree(in);
      String moved = JobSpecs.schema().replace("\"#/", "\"" + REFERENCE + JOBS + "/");
      ObjectNode jobs = (ObjectNode) MAPPER.readTree(moved);
      jobs.remove(List.of("$schema", "$id"));
      schemas.set(JOBS, jobs);
      return schemas;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode operation(Route route) {
    ObjectNode operation = MAPPER.createObjectNode().put("summary", route.summary());
    operation.putArray("tags").add(tag(route.path()));
    ArrayNode security = operation.putArray("security");
    route
        .role()
        .ifPresent(role -> {
          operation.put("description", "Needs the role " + Texts.lower(role) + ".");
          security.addObject().putArray("token");
        });
    ArrayNode parameters = operation.putArray("parameters");
    Matcher variables = VARIABLE.matcher(route.path());
    while (variables.find()) {
      ObjectNode variable =
          parameters
              .addObject()
              .put("name", variables.group(1))
              .put("in", "path")
              .put("required", true);
      refer(variable, "Path-" + variables.group(1));
    }
    route.parameters().forEach(each -> add(parameters, each));
    if (!route.body().isEmpty()) {
      content(operation.putObject("requestBody").put("required", true), route.body());
    }
    ObjectNode responses = operation.putObject("responses");
    for (Route.Answer each : route.answers()) {
      ObjectNode response =
          responses
              .putObject(Integer.toString(each.status()))
              .put("description", each.description());
      if (!each.schema().isEmpty() && route.method() != HandlerType.HEAD) {
        content(response, each.schema());
      }
    }
    ObjectNode problem =
        responses.putObject("default").put("description", "Why it was refused, and what to do.");
    refer(problem.putObject("content").putObject(HttpServer.PROBLEM), "Problem");
    return operation;
  }

  /** Returns under what pages show a path: what it is about. */
  private static String tag(String path) {
    return path.startsWith(Route.API + "/") ? path.split("/", -1)[3] : "head";
  }

  private static void add(ArrayNode parameters, Parameter parameter) {
    ObjectNode node =
        parameters
            .addObject()
            .put("name", parameter.name())
            .put("in", parameter.isHeader() ? "header" : "query")
            .put("description", parameter.description());
    if (parameter.isRepeated()) {
      ObjectNode schema = node.putObject("schema").put("type", "array");
      schema.putObject("items").put("$ref", REFERENCE + parameter.schema());
    } else {
      refer(node, parameter.schema());
    }
  }

  private static void content(ObjectNode body, String schema) {
    ObjectNode content = body.putObject("content");
    switch (schema) {
      case Route.BYTES -> content.putObject("application/octet-stream");
      case Route.EVENTS -> content.putObject("text/event-stream");
      case Route.TEXT -> content.putObject("text/plain");
      case Route.HTML -> content.putObject("text/html");
      case Route.FILE -> content.putObject("*/*");
      default -> refer(content.putObject(JSON), schema);
    }
  }

  private static void refer(ObjectNode node, String schema) {
    node.putObject("schema").put("$ref", REFERENCE + schema);
  }
}
