package dev.grain.minion.report;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Events as JSON objects, one per line. */
final class EventJson {
  private static final JsonMapper JSON = new JsonMapper();
  private static final double MICROS = 1e6;
  private static final int DIGITS = 6;
  private static final String ACTIONS = "atomic_actions";
  private static final List<String> OWN =
      List.of("uid", "generation", "start", "end", "param", "error", ACTIONS, "nodename");

  private EventJson() {}

  static String write(MinionEvent event) {
    SequencedMap<String, Object> fields = new LinkedHashMap<>();
    fields.put("uid", event.uid());
    fields.put("generation", event.generation());
    fields.put("start", seconds(event.start()));
    fields.put("end", seconds(event.end()));
    fields.put("param", event.param());
    fields.put("error", event.error());
    fields.put(ACTIONS, event.actions().stream().map(EventJson::action).toList());
    fields.put("nodename", event.nodename());
    fields.putAll(event.batch());
    return JSON.writeValueAsString(fields);
  }

  /** Returns it to the microsecond, without an exponent. */
  private static BigDecimal seconds(double time) {
    return BigDecimal.valueOf(Math.round(time * MICROS), DIGITS);
  }

  private static SequencedMap<String, Object> action(MinionEvent.Action action) {
    SequencedMap<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", action.name());
    fields.put("start", seconds(action.start()));
    fields.put("end", seconds(action.end()));
    return fields;
  }

  /**
   * Reads a line.
   *
   * @throws IllegalArgumentException if it is not an event
   */
  static MinionEvent read(String line) {
    try {
      JsonNode node = JSON.readTree(line);
      List<MinionEvent.Action> actions = new ArrayList<>();
      for (JsonNode each : node.path(ACTIONS)) {
        actions.add(
            new MinionEvent.Action(
                each.path("name").asString(),
                each.path("start").asDouble(),
                each.path("end").asDouble()));
      }
      SequencedMap<String, String> batch = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> each : node.properties()) {
        if (!OWN.contains(each.getKey())) {
          batch.put(each.getKey(), each.getValue().asString());
        }
      }
      JsonNode error = node.path("error");
      return new MinionEvent(
          node.required("uid").asString(),
          node.required("generation").asLong(),
          node.required("start").asDouble(),
          node.required("end").asDouble(),
          JSON.treeToValue(node.path("param"), Object.class),
          error.isNull() || error.isMissingNode() ? null : error.asString(),
          actions,
          node.path("nodename").asString(),
          batch);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("not an event: " + line, e);
    }
  }
}
