package dev.grain.minion.report;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Events as JSON objects, one per line. */
final class EventJson {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  private static final double MICROS = 1e6;
  private static final int DIGITS = 6;
  private static final String ACTIONS = "atomic_actions";

  /** The year 5138; what is later is no time. */
  private static final double LATEST = 1e11;

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

  /** Returns a parameter as people wrote it: texts as they are, all else as JSON. */
  static String text(@Nullable Object param) {
    return param instanceof String text ? text : JSON.writeValueAsString(param);
  }

  /**
   * Reads a line.
   *
   * @throws IllegalArgumentException if it is not an event; the message is a clause that says why
   */
  static MinionEvent read(byte[] bytes, int from, int length) {
    try (JsonParser parser = JSON.createParser(bytes, from, length)) {
      Fields fields = new Fields();
      fields.read(parser);
      return fields.event();
    } catch (JacksonException e) {
      throw new IllegalArgumentException("is not a JSON object: " + e.getOriginalMessage(), e);
    }
  }

  /** The fields of an event, as they come. */
  private static final class Fields {
    private @Nullable String uid;
    private long generation = -1;
    private double start = -1;
    private double end = -1;
    private @Nullable Object param;
    private @Nullable String error;
    private final List<MinionEvent.Action> actions = new ArrayList<>();
    private String nodename = "";
    private final SequencedMap<String, String> batch = new LinkedHashMap<>();

    void read(JsonParser parser) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("is not a JSON object");
      }
      for (String name = parser.nextName(); name != null; name = parser.nextName()) {
        JsonToken token = parser.nextToken();
        switch (name) {
          case "uid" -> uid = parser.getValueAsString();
          case "generation" -> generation = parser.getValueAsLong(-1);
          case "start" -> start = parser.getValueAsDouble(-1);
          case "end" -> end = parser.getValueAsDouble(-1);
          case "param" -> param = parser.readValueAs(Object.class);
          case "error" ->
              error =
                  token == JsonToken.VALUE_NULL
                      ? null
                      : String.valueOf(parser.readValueAs(Object.class));
          case ACTIONS -> readActions(parser, token);
          case "nodename" -> nodename = String.valueOf(parser.getValueAsString(""));
          default -> batch.put(name, String.valueOf(parser.readValueAs(Object.class)));
        }
      }
      if (parser.nextToken() != null) {
        throw new IllegalArgumentException("has more than one JSON object");
      }
    }

    private void readActions(JsonParser parser, JsonToken token) {
      if (token != JsonToken.START_ARRAY) {
        parser.skipChildren();
        return;
      }
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        String name = "";
        double from = -1;
        double to = -1;
        for (String field = parser.nextName(); field != null; field = parser.nextName()) {
          parser.nextToken();
          switch (field) {
            case "name" -> name = String.valueOf(parser.getValueAsString(""));
            case "start" -> from = parser.getValueAsDouble(-1);
            case "end" -> to = parser.getValueAsDouble(-1);
            default -> parser.skipChildren();
          }
        }
        if (isTime(from) && isTime(to)) {
          actions.add(new MinionEvent.Action(name, from, to));
        }
      }
    }

    private static boolean isTime(double seconds) {
      return seconds >= 0 && seconds <= LATEST;
    }

    MinionEvent event() {
      if (uid == null || generation < 0) {
        throw new IllegalArgumentException("is no event: it has no uid or no generation");
      }
      if (!isTime(start) || !isTime(end)) {
        throw new IllegalArgumentException("is no event: its start or end is not a time");
      }
      return new MinionEvent(uid, generation, start, end, param, error, actions, nodename, batch);
    }
  }
}
