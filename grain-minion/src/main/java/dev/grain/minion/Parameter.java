package dev.grain.minion;

import dev.grain.text.Exceptions;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An item of a queue, as programs see it: a text, or any JSON value. Immutable.
 *
 * <pre>{@code
 * Minion.process(p -> Command.of("a.out", "--arg1", p.text("arg1"))).queue("file:sweeps").run();
 * }</pre>
 */
public final class Parameter {
  private static final JsonMapper JSON = new JsonMapper();

  /** How the bytes of an item are read. */
  public enum Decoder {
    /** As a text in UTF-8. */
    IDENTITY,
    /** As JSON. */
    JSON
  }

  private final String source;
  private final boolean json;

  private Parameter(String source, boolean json) {
    this.source = source;
    this.json = json;
  }

  /** Returns a parameter that is a text. */
  public static Parameter ofText(String text) {
    return new Parameter(text, false);
  }

  /**
   * Returns a parameter that is a JSON value.
   *
   * @throws IllegalArgumentException if the text is not JSON
   */
  public static Parameter ofJson(String json) {
    try {
      JSON.readTree(json);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("it is not JSON: " + Exceptions.brief(e), e);
    }
    if (json.isBlank()) {
      throw new IllegalArgumentException("it is not JSON: it is empty");
    }
    return new Parameter(json, true);
  }

  /**
   * Reads the bytes of an item.
   *
   * @throws IllegalArgumentException if they cannot be decoded; the message says why
   */
  static Parameter decode(byte[] value, Decoder decoder) {
    String text = text(value);
    return decoder == Decoder.JSON ? ofJson(text) : ofText(text);
  }

  private static String text(byte[] value) {
    if (isAscii(value)) {
      return new String(value, StandardCharsets.US_ASCII);
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("it is not text in UTF-8", e);
    }
  }

  private static boolean isAscii(byte[] value) {
    for (byte each : value) {
      if (each < 0) {
        return false;
      }
    }
    return true;
  }

  private JsonNode node() {
    return JSON.readTree(source);
  }

  /**
   * Returns the text; of a JSON text, what is between the quotes, and of other JSON values, the
   * value as it was written.
   */
  public String text() {
    return json ? text(node()) : source;
  }

  private static String text(JsonNode node) {
    return node.isString() ? node.stringValue() : JSON.writeValueAsString(node);
  }

  /**
   * Returns a part of a JSON object as {@link #text()} returns a whole.
   *
   * @throws IllegalArgumentException if this is no JSON object, or has no such part
   */
  public String text(String name) {
    return text(part(name));
  }

  private JsonNode part(String name) {
    JsonNode part = json ? node().get(name) : null;
    if (part == null) {
      throw new IllegalArgumentException(
          json
              ? "The item %s has no '%s'.".formatted(shortened(source), name)
              : "The item %s is a text, which has no '%s'. Read items as JSON, with the decoder json."
                  .formatted(shortened(source), name));
    }
    return part;
  }

  private static String shortened(String text) {
    return text.length() > 100 ? text.substring(0, 100) + "..." : text;
  }

  /**
   * Returns the value: a text, or of JSON a {@code String}, {@code Number}, {@code Boolean}, {@code
   * List}, {@code Map} or null.
   */
  public @Nullable Object value() {
    return json ? JSON.treeToValue(node(), Object.class) : source;
  }

  /** Returns the value of a part of a JSON object; see {@link #text(String)}. */
  public @Nullable Object value(String name) {
    return JSON.treeToValue(part(name), Object.class);
  }

  /**
   * Returns the JSON value as an object of a class, such as a record.
   *
   * @throws IllegalArgumentException if it does not fit the class
   */
  public <T> T as(Class<T> type) {
    try {
      return json ? JSON.readValue(source, type) : JSON.convertValue(source, type);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "The item %s does not fit %s: %s"
              .formatted(shortened(source), type.getName(), Exceptions.brief(e)),
          e);
    }
  }

  /** Returns the parts of a JSON object as texts, by their names; of others, none. */
  SequencedMap<String, String> parts() {
    SequencedMap<String, String> parts = new LinkedHashMap<>();
    if (json) {
      JsonNode node = node();
      if (node.isObject()) {
        for (Map.Entry<String, JsonNode> each : node.properties()) {
          parts.put(each.getKey(), text(each.getValue()));
        }
      }
    }
    return parts;
  }

  /** Returns it as it was in the queue. */
  @Override
  public String toString() {
    return source;
  }
}
