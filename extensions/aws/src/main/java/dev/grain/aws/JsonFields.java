package dev.grain.aws;

import java.io.IOException;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The fields of a secret that is a JSON object. Its messages do not contain values. */
record JsonFields(JsonNode object) {
  private static final JsonMapper MAPPER = new JsonMapper();

  /** Whether a text is meant as a JSON object. */
  static boolean isObject(String text) {
    return text.stripLeading().startsWith("{");
  }

  static JsonFields of(String text) throws IOException {
    JsonNode node;
    try {
      node = MAPPER.readTree(text);
    } catch (JacksonException quotesTheText) {
      throw new IOException("it is not valid JSON");
    }
    if (!node.isObject()) {
      throw new IOException("it is not a JSON object, so it has no fields");
    }
    return new JsonFields(node);
  }

  /** Returns the text in a field. */
  String text(String field) throws IOException {
    JsonNode value = object.get(field);
    if (value == null) {
      throw new IOException(
          "it has no field \"%s\", only %s".formatted(field, List.copyOf(object.propertyNames())));
    }
    if (!value.isString()) {
      throw new IOException("its field \"%s\" is not a text".formatted(field));
    }
    return value.stringValue();
  }
}
