package dev.grain.service.http;

import dev.grain.client.Problem;
import dev.grain.text.Spelling;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A body that is a JSON object with a few known keys. For one thread. */
final class ObjectBody {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final JsonNode node;
  private final List<String> keys;

  private ObjectBody(JsonNode node, List<String> keys) {
    this.node = node;
    this.keys = keys;
  }

  /**
   * Reads a body.
   *
   * @throws Refusal if it is no object, or has other keys
   */
  static ObjectBody read(byte[] json, String... keys) {
    List<String> known = List.of(keys);
    JsonNode node;
    try {
      node = MAPPER.readTree(Call.text(json));
    } catch (JacksonException e) {
      throw Refusal.invalid(List.of(notJson(e)), e);
    }
    if (!node.isObject()) {
      throw wrong("", "The body is no JSON object.", "an object with " + names(known));
    }
    List<Problem> problems = new ArrayList<>();
    for (String name : node.propertyNames()) {
      if (!known.contains(name)) {
        problems.add(unknown(name, known));
      }
    }
    if (!problems.isEmpty()) {
      throw Refusal.invalid(problems, null);
    }
    return new ObjectBody(node, known);
  }

  private static Problem notJson(JacksonException e) {
    TokenStreamLocation location = e.getLocation();
    String first = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
    return new Problem(
        "",
        location == null ? 0 : location.getLineNr(),
        location == null ? 0 : location.getColumnNr(),
        "This is not JSON: " + Texts.shown(first),
        "",
        "");
  }

  private static Problem unknown(String name, List<String> known) {
    String near = Spelling.nearest(name, known);
    return new Problem(
        pointer(name),
        0,
        0,
        "\"%s\" is not a key here%s"
            .formatted(Texts.shown(name), near == null ? "." : "; did you mean \"" + near + "\"?"),
        names(known),
        "");
  }

  private static String names(List<String> keys) {
    return keys.size() == 1
        ? "the key " + keys.getFirst()
        : "some of the keys " + String.join(", ", keys);
  }

  private static String pointer(String name) {
    return "/" + name.replace("~", "~0").replace("/", "~1");
  }

  private static Refusal wrong(String pointer, String message, String expected) {
    return Refusal.invalid(List.of(new Problem(pointer, 0, 0, message, expected, "")), null);
  }

  /** Returns a refusal of the value of a key. */
  static Refusal wrongValue(String key, String message, String expected) {
    return wrong(pointer(key), message, expected);
  }

  /** Makes something of the text of a key; throws an exception of this type if it is wrong. */
  private <T> Optional<T> value(
      String key, String expected, Function<JsonNode, Optional<T>> reading) {
    assert keys.contains(key) : key;
    JsonNode value = node.get(key);
    if (value == null) {
      return Optional.empty();
    }
    return Optional.of(
        reading
            .apply(value)
            .orElseThrow(() ->
                wrongValue(
                    key, "\"%s\" is %s.".formatted(key, Texts.shown(value.toString())), expected)));
  }

  /** Returns the value of a key that has to be there. */
  <T> T required(String key, String expected, Optional<T> value) {
    return value.orElseThrow(() -> wrongValue(key, "\"%s\" is missing.".formatted(key), expected));
  }

  /** Returns a line of text with up to so many characters; empty if the key is missing. */
  Optional<String> line(String key, int most) {
    return value(
        key,
        "a text of 1 to %s characters in one line".formatted(most),
        value ->
            Optional.of(value)
                .filter(JsonNode::isString)
                .map(JsonNode::stringValue)
                .filter(text -> !text.isBlank() && text.length() <= most && Texts.isLine(text)));
  }

  /** Returns an object whose values are texts; empty if the key is missing. */
  Optional<Map<String, String>> texts(String key) {
    return value(
        key,
        "an object whose values are texts",
        value -> {
          Map<String, String> texts = new LinkedHashMap<>();
          value
              .properties()
              .forEach(each -> {
                if (each.getValue().isString()) {
                  texts.put(each.getKey(), each.getValue().stringValue());
                }
              });
          return Optional.of(texts).filter(all -> value.isObject() && all.size() == value.size());
        });
  }

  /** Returns one of some values, which are compared without case; empty if the key is missing. */
  <E extends Enum<E>> Optional<E> constant(String key, List<E> values) {
    return value(
        key,
        Texts.choice(values),
        value ->
            values.stream()
                .filter(
                    each -> value.isString() && each.name().equalsIgnoreCase(value.stringValue()))
                .findFirst());
  }

  /** Returns a moment; empty if the key is missing. */
  Optional<Instant> moment(String key) {
    return value(key, "a moment such as 2027-11-28T12:00:00Z", ObjectBody::moment);
  }

  private static Optional<Instant> moment(JsonNode value) {
    if (!value.isString()) {
      return Optional.empty();
    }
    try {
      Instant moment = Instant.parse(value.stringValue());
      var _ = moment.toEpochMilli();
      return Optional.of(moment);
    } catch (DateTimeParseException | ArithmeticException e) {
      return Optional.empty();
    }
  }

  /** Returns a number above zero; empty if the key is missing. */
  Optional<Double> positive(String key) {
    return value(
        key,
        "a finite number above 0",
        value ->
            Optional.of(value)
                .filter(JsonNode::isNumber)
                .map(JsonNode::doubleValue)
                .filter(number -> number > 0 && !number.isInfinite()));
  }
}
