package dev.grain.service.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes values that are nearly those of schemas, the same ones for the same seed. */
final class Fuzz {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int DEEPEST = 12;
  private static final List<String> TEXTS =
      List.of(
          "",
          "a",
          "abc",
          "mine",
          "ada",
          "QUEUED",
          "submit",
          "a=b",
          "*",
          "..",
          "a/b",
          "a\u0000b",
          "\n",
          "\u00e4\ud83d\udca1",
          "'; DROP TABLE jobs; --",
          "%s%n",
          "x".repeat(300),
          "-1",
          "9223372036854775807",
          "99999999999999999999",
          "1e400",
          "2026-11-28T12:00:00Z",
          "+1000000000-12-31T23:59:59Z",
          "26-11-28-1-abc",
          "0.0",
          "1.",
          ".");
  private static final List<String> JUNK =
      List.of(
          "null",
          "true",
          "-1",
          "0",
          "1e999",
          "1e-400",
          "123456789012345678901234567890",
          "\"\\ud800\"",
          "\"\\u0000\"",
          "[]",
          "{}",
          "[[[[[[]]]]]]",
          "{\"a\": {\"a\": 1}}");

  private final JsonNode document;
  private final Random random;

  Fuzz(JsonNode document, long seed) {
    this.document = document;
    this.random = new Random(seed);
  }

  boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  <T> T pick(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  String text() {
    return pick(TEXTS);
  }

  /** Returns a body, most of the time JSON. */
  byte[] body(JsonNode schema) {
    byte[] bytes = MAPPER.writeValueAsBytes(value(schema, 0));
    if (chance(0.05)) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    return chance(0.02) ? new byte[0] : bytes;
  }

  /** Returns a value as it is written in an address. */
  String plain(JsonNode schema) {
    JsonNode value = value(schema, 0);
    return value.isString() ? value.stringValue() : value.toString();
  }

  JsonNode value(JsonNode schema, int depth) {
    JsonNode known = resolve(schema);
    if (chance(0.04) || depth > DEEPEST) {
      return MAPPER.readTree(pick(JUNK));
    }
    List<JsonNode> choices = choices(known);
    if (!choices.isEmpty()) {
      return pick(choices);
    }
    JsonNode further = further(known);
    if (further != null) {
      return value(further, depth + 1);
    }
    String type = known.has("items") ? "array" : known.has("properties") ? "object" : "string";
    return switch (known.path("type").asString(type)) {
      case "object" -> object(known, depth);
      case "array" -> array(known, depth);
      case "integer", "number" ->
          MAPPER.readTree(pick(List.of("1", "2", "7", "0.5", "100", "1001", "-3")));
      case "boolean" -> MAPPER.readTree(Boolean.toString(random.nextBoolean()));
      default -> MAPPER.getNodeFactory().stringNode(text());
    };
  }

  private JsonNode resolve(JsonNode schema) {
    JsonNode reference = schema.path("$ref");
    return reference.isMissingNode()
        ? schema
        : resolve(document.at(reference.asString().substring(1)));
  }

  private static List<JsonNode> choices(JsonNode schema) {
    List<JsonNode> all = new ArrayList<>();
    schema.path("enum").forEach(all::add);
    schema.path("examples").forEach(all::add);
    return all;
  }

  /** Returns one of the schemas that this one consists of; null if it has properties itself. */
  private @Nullable JsonNode further(JsonNode schema) {
    if (schema.has("properties") || schema.has("items")) {
      return null;
    }
    List<JsonNode> all = new ArrayList<>();
    for (String name : List.of("oneOf", "anyOf")) {
      schema.path(name).forEach(all::add);
    }
    // the others restrict what the first describes
    schema.path("allOf").valueStream().limit(1).forEach(all::add);
    for (String name : List.of("then", "else")) {
      if (schema.has(name)) {
        all.add(schema.get(name));
      }
    }
    return all.isEmpty() ? null : pick(all);
  }

  private ObjectNode object(JsonNode schema, int depth) {
    ObjectNode object = MAPPER.createObjectNode();
    List<String> required = new ArrayList<>();
    schema.path("required").forEach(each -> required.add(each.asString()));
    List<JsonNode> alternatives = schema.path("oneOf").valueStream().toList();
    if (!alternatives.isEmpty()) {
      pick(alternatives).path("required").forEach(name -> required.add(name.asString()));
    }
    schema
        .path("properties")
        .properties()
        .forEach(each -> {
          if (required.contains(each.getKey()) ? !chance(0.03) : chance(0.06)) {
            object.set(each.getKey(), value(each.getValue(), depth + 1));
          }
        });
    if (chance(0.03)) {
      object.put(text(), text());
    }
    return object;
  }

  private ArrayNode array(JsonNode schema, int depth) {
    ArrayNode array = MAPPER.createArrayNode();
    for (int i = random.nextInt(4); i > 0; i--) {
      array.add(value(schema.path("items"), depth + 1));
    }
    return array;
  }
}
