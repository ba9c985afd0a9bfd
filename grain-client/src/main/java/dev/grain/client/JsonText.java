package dev.grain.client;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Values of any kind, such as the arguments of functions, as JSON. */
final class JsonText {
  private static final JsonMapper MAPPER = new JsonMapper();

  private JsonText() {}

  /** Returns a value as JSON, the same for the same value in JSON and in YAML. */
  static String of(Node node) {
    return write(plain(node));
  }

  /** Returns what {@link #plain} returns as JSON. */
  static String write(@Nullable Object plain) {
    return MAPPER.writeValueAsString(plain);
  }

  /** Returns what {@link #plain} returns as JSON in several lines. */
  static String writePretty(@Nullable Object plain) {
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(plain);
  }

  /**
   * Returns the value of JSON as maps, lists, texts, numbers and so on.
   *
   * @throws IllegalArgumentException if it is no JSON
   */
  static @Nullable Object parse(String json) {
    Problems problems = new Problems();
    Node node = JsonTree.read(json, problems);
    try {
      problems.ensureNone();
    } catch (JobSpecException e) {
      throw new IllegalArgumentException(
          "\"%s\" is not JSON: %s".formatted(Fields.shown(json), e.getMessage()), e);
    }
    return node == null ? null : plain(node);
  }

  private static @Nullable Object plain(Node node) {
    return switch (node) {
      case Node.Text text -> text.text();
      case Node.Decimal number -> number(number.value());
      case Node.Flag flag -> flag.value();
      case Node.Nothing _ -> null;
      case Node.Sequence sequence -> {
        List<@Nullable Object> items = new ArrayList<>();
        sequence.items().forEach(each -> items.add(plain(each)));
        yield items;
      }
      case Node.Mapping mapping -> {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        mapping.entries().forEach(each -> values.put(each.key(), plain(each.value())));
        yield values;
      }
    };
  }

  /** Returns a whole number as such, as a decimal one could be written otherwise. */
  static Number number(BigDecimal value) {
    return value.scale() == 0 ? value.toBigIntegerExact() : value;
  }
}
