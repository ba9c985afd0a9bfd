package dev.grain.cli.minion;

import dev.grain.cli.KnownValues;
import dev.grain.cli.Mistake;
import dev.grain.cli.SweptValues;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * All combinations of the values of some names. A level may have parameters of its own, which are
 * combined only with it. The last name changes fastest.
 */
final class Sweep {
  private static final JsonMapper JSON = new JsonMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final int MOST_VALUES = 1_000_000;

  /** A value of a name, with what is explored only for it. */
  private record Level(JsonNode value, @Nullable Sweep below) {
    long count() {
      return below == null ? 1 : below.count();
    }
  }

  private final SequencedMap<String, List<Level>> levels = new LinkedHashMap<>();

  /**
   * Makes the sweep of texts such as {@code lr=0.01,0.02}, {@code epochs=5..20:5} or {@code
   * a=geom(1,100,3)}.
   *
   * @throws IllegalArgumentException if one of them is wrong; the message is a sentence
   */
  static Sweep parse(List<String> texts) {
    Sweep sweep = new Sweep();
    for (String text : texts) {
      SweptValues swept = SweptValues.parse(text);
      if (sweep.levels.putIfAbsent(swept.name(), levels(text, swept.values())) != null) {
        throw new Mistake(
            "--sweep: %s is given twice. Put all its values into one.".formatted(swept.name()));
      }
    }
    return sweep;
  }

  private static List<Level> levels(String text, KnownValues values) {
    if (values.count() > MOST_VALUES) {
      throw new Mistake("--sweep: %s has more than %s values.".formatted(text, MOST_VALUES));
    }
    return LongStream.range(0, values.count())
        .mapToObj(place -> new Level(scalar(values.value(place)), null))
        .toList();
  }

  /** A number or one of the words of JSON is that, everything else a text. */
  private static JsonNode scalar(String text) {
    try {
      JsonNode node = JSON.readTree(text);
      if (node.isNumber() || node.isBoolean()) {
        return node;
      }
    } catch (JacksonException e) {
      // a text
    }
    return NODES.stringNode(text);
  }

  /**
   * Makes the sweep of a map in YAML, or a JSON object: each name has a list of values, or a map
   * whose keys are the values, and whose values are further parameters for that value alone. Empty
   * lists are skipped.
   *
   * @param file where it is from, for messages
   * @throws Mistake if it is something else
   */
  static Sweep of(Path file, String text) {
    return of(file, Yaml.read("--sweep-file: " + file, text));
  }

  private static Sweep of(Path file, JsonNode node) {
    if (!node.isObject()) {
      throw new Mistake(
          "--sweep-file: %s has %s where names with lists of values belong, such as lr: [1, 2]."
              .formatted(file, node.isMissingNode() ? "nothing" : node));
    }
    Sweep sweep = new Sweep();
    for (Map.Entry<String, JsonNode> each : node.properties()) {
      List<Level> values = new ArrayList<>();
      if (each.getValue().isArray()) {
        each.getValue().forEach(value -> values.add(new Level(value, null)));
      } else if (each.getValue().isObject()) {
        for (Map.Entry<String, JsonNode> level : each.getValue().properties()) {
          Sweep below = level.getValue().isNull() ? new Sweep() : of(file, level.getValue());
          values.add(new Level(scalar(level.getKey()), below.levels.isEmpty() ? null : below));
        }
      } else {
        throw new Mistake(
            "--sweep-file: %s has %s for '%s'. Write a list of values, such as [1, 2]."
                .formatted(file, each.getValue(), each.getKey()));
      }
      if (!values.isEmpty()) {
        sweep.levels.put(each.getKey(), values);
      }
    }
    return sweep;
  }

  /** Returns how many combinations there are. */
  long count() {
    long count = levels.isEmpty() ? 0 : 1;
    for (List<Level> each : levels.values()) {
      long sum = 0;
      for (Level level : each) {
        sum = Math.addExact(sum, level.count());
      }
      try {
        count = Math.multiplyExact(count, sum);
      } catch (ArithmeticException e) {
        throw new Mistake("The sweep has more combinations than there are numbers.");
      }
    }
    return count;
  }

  Items.Numbered items() {
    return new Items.Numbered(count(), this::item);
  }

  private String item(long number) {
    ObjectNode object = NODES.objectNode();
    fill(number, object);
    return JSON.writeValueAsString(object);
  }

  private void fill(long number, ObjectNode object) {
    long left = number;
    List<Map.Entry<String, List<Level>>> all = List.copyOf(levels.sequencedEntrySet());
    long[] places = new long[all.size()];
    for (int i = all.size() - 1; i >= 0; i--) {
      long size = all.get(i).getValue().stream().mapToLong(Level::count).sum();
      places[i] = left % size;
      left /= size;
    }
    for (int i = 0; i < places.length; i++) {
      long place = places[i];
      for (Level level : all.get(i).getValue()) {
        if (place < level.count()) {
          object.set(all.get(i).getKey(), level.value());
          if (level.below() != null) {
            level.below().fill(place, object);
          }
          break;
        }
        place -= level.count();
      }
    }
  }
}
