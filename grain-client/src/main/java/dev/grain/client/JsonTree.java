package dev.grain.client;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.json.JsonMapper;

/** Reads JSON as a tree that knows its places. For one thread. */
final class JsonTree {
  private static final JsonMapper MAPPER = new JsonMapper();

  private final TreeBuilding building;
  private final JsonParser parser;

  private JsonTree(JsonParser parser, TreeBuilding building) {
    this.parser = parser;
    this.building = building;
  }

  /** Returns the one value of a text; null if it cannot be read, which is noted then. */
  static @Nullable Node read(String text, Problems problems) {
    TreeBuilding building = new TreeBuilding(problems);
    try (JsonParser parser = MAPPER.createParser(text)) {
      return new JsonTree(parser, building).whole();
    } catch (JacksonException e) {
      TokenStreamLocation location = e.getLocation();
      problems.add(
          location == null
              ? Node.Place.top(0, 0)
              : Node.Place.top(location.getLineNr(), location.getColumnNr()),
          "This is not JSON: %s.".formatted(firstSentence(e)),
          "",
          "");
      return null;
    } catch (TreeBuilding.Abandoned e) {
      return null;
    }
  }

  private static String firstSentence(JacksonException e) {
    String line = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("").strip();
    return Fields.shown(line.endsWith(".") ? line.substring(0, line.length() - 1) : line);
  }

  private Node whole() {
    JsonToken first = parser.nextToken();
    if (first == null) {
      throw building.abandon(
          Node.Place.top(1, 1), "The text is empty.", "a job", "{\"command\": [\"hostname\"]}");
    }
    Node node = node(place(null, ""), 0);
    if (parser.nextToken() != null) {
      throw building.abandon(
          place(null, ""), "Something follows the JSON value. Remove it.", "", "");
    }
    return node;
  }

  private Node.Place place(Node.@Nullable Place parent, String step) {
    TokenStreamLocation location = parser.currentTokenLocation();
    return new Node.Place(parent, step, location.getLineNr(), location.getColumnNr());
  }

  /** Reads what begins with the current token. */
  private Node node(Node.Place place, int depth) {
    building.ensureNotDeep(place, depth);
    return switch (parser.currentToken()) {
      case START_OBJECT -> mapping(place, depth);
      case START_ARRAY -> sequence(place, depth);
      case VALUE_STRING -> building.text(place, parser.getString());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
          building.number(place, parser.getString(), parser.getString());
      case VALUE_TRUE -> new Node.Flag(place, true, "true");
      case VALUE_FALSE -> new Node.Flag(place, false, "false");
      case VALUE_NULL -> new Node.Nothing(place);
      case NOT_AVAILABLE, END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT ->
          throw new AssertionError(parser.currentToken());
    };
  }

  private Node mapping(Node.Place place, int depth) {
    List<Node.Entry> entries = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      Node.Place placeOfKey = place(place, key);
      parser.nextToken();
      var _ = building.text(placeOfKey, key);
      entries.add(new Node.Entry(placeOfKey, key, node(place(place, key), depth + 1)));
    }
    return building.mapping(place, entries);
  }

  private Node sequence(Node.Place place, int depth) {
    List<Node> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(node(place(place, Integer.toString(items.size())), depth + 1));
    }
    return building.sequence(place, items);
  }
}
