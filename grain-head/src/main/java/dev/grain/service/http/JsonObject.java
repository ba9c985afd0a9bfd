package dev.grain.service.http;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.util.RawValue;

/** A JSON object that is answered; what is absent is left out. For one thread. */
final class JsonObject {
  private static final JsonMapper MAPPER = new JsonMapper();

  private final Map<String, Object> members = new LinkedHashMap<>();

  JsonObject put(String name, Object value) {
    members.put(name, value instanceof Instant ? value.toString() : plain(value));
    return this;
  }

  /** Adds a text unless it is empty. */
  JsonObject putText(String name, String text) {
    return text.isEmpty() ? this : put(name, text);
  }

  JsonObject put(String name, Optional<?> value) {
    value.ifPresent(present -> put(name, (Object) present));
    return this;
  }

  JsonObject put(String name, OptionalInt value) {
    value.ifPresent(present -> put(name, (Object) present));
    return this;
  }

  JsonObject put(String name, OptionalLong value) {
    value.ifPresent(present -> put(name, (Object) present));
    return this;
  }

  /** Adds what is JSON already. */
  JsonObject putJson(String name, String json) {
    members.put(name, MAPPER.readTree(json));
    return this;
  }

  /** Adds a value that is JSON already, as it is. */
  JsonObject putRaw(String name, String json) {
    members.put(name, new RawValue(json));
    return this;
  }

  private static Object plain(Object value) {
    return switch (value) {
      case JsonObject object -> object.members;
      case List<?> list -> list.stream().map(JsonObject::plain).toList();
      case Enum<?> constant -> constant.name();
      default -> value;
    };
  }

  byte[] toBytes() {
    return MAPPER.writeValueAsBytes(members);
  }
}
