package dev.grain.client;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/** An object of JSON that a head has answered with. Members that are not asked for are ignored. */
final class Answer {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          // values of users stay as they are, up to their last digit
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private final JsonNode node;

  private Answer(JsonNode node) throws UnexpectedException {
    if (!node.isObject()) {
      throw new UnexpectedException("a JSON object was expected");
    }
    this.node = node;
  }

  /** An answer is not what heads answer with; the message is a part of a sentence. */
  static final class UnexpectedException extends Exception {
    private static final long serialVersionUID = 1;

    UnexpectedException(String message) {
      super(message, null, false, false);
    }
  }

  /** Makes something of an answer. */
  interface Reading<T> {
    T of(Answer answer) throws UnexpectedException;
  }

  static Answer parse(byte[] json) throws UnexpectedException {
    try {
      return new Answer(MAPPER.readTree(json));
    } catch (JacksonException e) {
      throw new UnexpectedException("it is not JSON");
    }
  }

  private static UnexpectedException wrong(String name, String expected) {
    return new UnexpectedException("\"%s\" is missing or no %s".formatted(name, expected));
  }

  /** Returns a member; null if it is missing. */
  private @Nullable JsonNode member(String name) {
    JsonNode member = node.get(name);
    return member == null || member.isNull() ? null : member;
  }

  Optional<String> maybeText(String name) throws UnexpectedException {
    JsonNode member = member(name);
    if (member != null && !member.isString()) {
      throw wrong(name, "text");
    }
    return Optional.ofNullable(member).map(JsonNode::stringValue);
  }

  String text(String name) throws UnexpectedException {
    return maybeText(name).orElseThrow(() -> wrong(name, "text"));
  }

  OptionalLong maybeNumber(String name) throws UnexpectedException {
    JsonNode member = member(name);
    if (member != null && !(member.isIntegralNumber() && member.canConvertToLong())) {
      throw wrong(name, "whole number");
    }
    return member == null ? OptionalLong.empty() : OptionalLong.of(member.longValue());
  }

  long number(String name) throws UnexpectedException {
    return maybeNumber(name).orElseThrow(() -> wrong(name, "whole number"));
  }

  OptionalInt maybeSmall(String name) throws UnexpectedException {
    OptionalLong number = maybeNumber(name);
    return number.isEmpty() ? OptionalInt.empty() : OptionalInt.of((int) number.getAsLong());
  }

  double decimal(String name) throws UnexpectedException {
    JsonNode member = member(name);
    if (member == null || !member.isNumber()) {
      throw wrong(name, "number");
    }
    return member.doubleValue();
  }

  boolean flag(String name) throws UnexpectedException {
    JsonNode member = member(name);
    if (member == null || !member.isBoolean()) {
      throw wrong(name, "true or false");
    }
    return member.booleanValue();
  }

  Optional<Instant> maybeMoment(String name) throws UnexpectedException {
    Optional<String> text = maybeText(name);
    try {
      return text.map(Instant::parse);
    } catch (DateTimeException e) {
      throw wrong(name, "moment");
    }
  }

  Instant moment(String name) throws UnexpectedException {
    return maybeMoment(name).orElseThrow(() -> wrong(name, "moment"));
  }

  /** Returns what the objects of a list stand for. */
  <T> List<T> list(String name, Reading<T> reading) throws UnexpectedException {
    JsonNode member = member(name);
    if (member == null || !member.isArray()) {
      throw wrong(name, "list");
    }
    List<T> all = new ArrayList<>();
    for (JsonNode each : member) {
      all.add(reading.of(new Answer(each)));
    }
    return List.copyOf(all);
  }

  /** Returns a list; nothing if it is missing. */
  <T> List<T> maybeList(String name, Reading<T> reading) throws UnexpectedException {
    return member(name) == null ? List.of() : list(name, reading);
  }

  /** Returns what an object stands for; empty if it is missing. */
  <T> Optional<T> maybeObject(String name, Reading<T> reading) throws UnexpectedException {
    JsonNode member = member(name);
    return member == null ? Optional.empty() : Optional.of(reading.of(new Answer(member)));
  }

  /** Returns what the members of an object stand for, in their order; nothing if it is missing. */
  <T> Map<String, T> objects(String name, Reading<T> reading) throws UnexpectedException {
    JsonNode member = member(name);
    Map<String, T> all = new LinkedHashMap<>();
    if (member != null) {
      for (Map.Entry<String, JsonNode> each : member.properties()) {
        all.put(each.getKey(), reading.of(new Answer(each.getValue())));
      }
    }
    return all;
  }

  /** Returns the texts of an object, in their order. */
  Map<String, String> texts(String name) throws UnexpectedException {
    JsonNode member = member(name);
    if (member == null || !member.isObject()) {
      throw wrong(name, "object");
    }
    Map<String, String> texts = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> each : member.properties()) {
      texts.put(each.getKey(), each.getValue().asString(""));
    }
    return texts;
  }

  /** Returns a member of any kind as JSON; empty if it is missing. */
  Optional<String> maybeJson(String name) {
    return Optional.ofNullable(node.get(name)).map(MAPPER::writeValueAsString);
  }

  /** Returns an object as JSON. */
  String json(String name) throws UnexpectedException {
    JsonNode member = member(name);
    if (member == null || !member.isObject()) {
      throw wrong(name, "object");
    }
    return MAPPER.writeValueAsString(member);
  }
}
