package dev.grain.client;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentEndEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Reads YAML 1.2 as a tree that knows its places. Plain words have the types of its core schema. An
 * alias stands for the value of its anchor, at the place of that. For one thread.
 */
final class YamlTree {
  private static final ScalarResolver CORE = new CoreSchema().getScalarResolver();
  private static final String NON_SPECIFIC = "!";
  private static final String MERGE = "<<";
  private static final char NEXT_LINE = '\u0085';
  private static final int HEXADECIMAL = 16;
  private static final int OCTAL = 8;

  private final TreeBuilding building;
  private final Problems problems;
  private final Iterator<Event> events;
  private final Map<Anchor, Node> anchored = new HashMap<>();

  private YamlTree(Iterator<Event> events, Problems problems) {
    this.events = events;
    this.problems = problems;
    this.building = new TreeBuilding(problems);
  }

  /** Returns the one value of a text; null if it cannot be read, which is noted then. */
  static @Nullable Node read(String text, Problems problems) {
    int next = text.indexOf(NEXT_LINE);
    if (next >= 0) {
      // the library takes it for the end of a line, as YAML 1.1 does, and so would change texts
      String before = text.substring(0, next);
      problems.add(
          Node.Place.top(
              1 + (int) before.chars().filter(each -> each == '\n').count(),
              next - before.lastIndexOf('\n')),
          "Here is the character U+0085. Write it as \\N in double quotes.",
          "",
          "");
      return null;
    }
    LoadSettings settings =
        LoadSettings.builder().setCodePointLimit(2 * TreeBuilding.MOST_BYTES).build();
    try {
      return new YamlTree(new Parse(settings).parseString(text).iterator(), problems).whole();
    } catch (MarkedYamlEngineException e) {
      Optional<Mark> mark = e.getProblemMark();
      problems.add(
          mark.isEmpty() ? Node.Place.top(0, 0) : at(null, "", mark),
          "This is not YAML: %s%s."
              .formatted(
                  e.getContext() == null ? "" : Fields.shown(e.getContext()) + ", ",
                  Fields.shown(String.valueOf(e.getProblem()))),
          "",
          "");
      return null;
    } catch (YamlEngineException e) {
      problems.add(
          Node.Place.top(0, 0),
          "This is not YAML: %s.".formatted(Fields.shown(String.valueOf(e.getMessage()))),
          "",
          "");
      return null;
    } catch (TreeBuilding.Abandoned e) {
      return null;
    }
  }

  private static Node.Place at(Node.@Nullable Place parent, String step, Optional<Mark> mark) {
    return mark.map(each -> new Node.Place(parent, step, each.getLine() + 1, each.getColumn() + 1))
        .orElseGet(() -> new Node.Place(parent, step, 0, 0));
  }

  private Node whole() {
    var _ = events.next(); // the start of the stream
    Event next = events.next();
    if (!(next instanceof DocumentStartEvent)) {
      throw building.abandon(
          Node.Place.top(1, 1), "The text is empty.", "a job", "command: [hostname]");
    }
    next = events.next();
    Node node = node(next, null, "", 0);
    while (!(next instanceof DocumentEndEvent)) {
      next = events.next();
    }
    next = events.next();
    if (next instanceof DocumentStartEvent) {
      throw building.abandon(
          at(null, "", next.getStartMark()),
          "A second document begins here. Put all jobs into one, as a list.",
          "",
          "");
    }
    return node;
  }

  private Node node(Event event, Node.@Nullable Place parent, String step, int depth) {
    Node.Place place = at(parent, step, event.getStartMark());
    building.ensureNotDeep(place, depth);
    Node node =
        switch (event) {
          case AliasEvent alias -> anchored(alias, place);
          case ScalarEvent scalar -> scalar(scalar, place);
          case MappingStartEvent start -> mapping(start, place, depth);
          case CollectionStartEvent start -> sequence(start, place, depth);
          default -> throw new AssertionError(event);
        };
    if (event instanceof NodeEvent anchor && !(event instanceof AliasEvent)) {
      anchor.getAnchor().ifPresent(name -> anchored.put(name, node));
    }
    return node;
  }

  private Node anchored(AliasEvent alias, Node.Place place) {
    Node node = anchored.get(alias.getAlias());
    if (node == null) {
      throw building.abandon(
          place,
          "There is no anchor &%s before this alias that it could stand for."
              .formatted(Fields.shown(alias.getAlias().getValue())),
          "",
          "");
    }
    return node;
  }

  private Node mapping(MappingStartEvent start, Node.Place place, int depth) {
    ensurePlain(start.getTag(), Tag.MAP, place);
    List<Node.Entry> entries = new ArrayList<>();
    for (Event event = events.next(); !(event instanceof MappingEndEvent); event = events.next()) {
      if (!(event instanceof ScalarEvent scalar)) {
        throw building.abandon(
            at(place, "", event.getStartMark()), "A key is a text, and not a group.", "", "");
      }
      String key = scalar.getValue();
      Node.Place placeOfKey = at(place, key, scalar.getStartMark());
      var _ = building.text(placeOfKey, key);
      if (key.equals(MERGE) && scalar.isPlain()) {
        problems.add(
            placeOfKey,
            "YAML 1.2 has no key << that merges groups. Put what jobs share into \"defaults\".",
            "",
            "");
        var _ = node(events.next(), place, key, depth + 1);
        continue;
      }
      entries.add(new Node.Entry(placeOfKey, key, node(events.next(), place, key, depth + 1)));
    }
    return building.mapping(place, entries);
  }

  private Node sequence(CollectionStartEvent start, Node.Place place, int depth) {
    ensurePlain(start.getTag(), Tag.SEQ, place);
    List<Node> items = new ArrayList<>();
    for (Event event = events.next(); !(event instanceof SequenceEndEvent); event = events.next()) {
      items.add(node(event, place, Integer.toString(items.size()), depth + 1));
    }
    return building.sequence(place, items);
  }

  private void ensurePlain(Optional<String> tag, Tag usual, Node.Place place) {
    tag.filter(each -> !each.equals(usual.getValue()) && !each.equals(NON_SPECIFIC))
        .ifPresent(each -> foreign(each, place));
  }

  private void foreign(String tag, Node.Place place) {
    problems.add(
        place, "The tag %s has no meaning here. Remove it.".formatted(Fields.shown(tag)), "", "");
  }

  // ---------------------------------------------------------------- scalars

  private Node scalar(ScalarEvent event, Node.Place place) {
    String text = event.getValue();
    Tag plain = CORE.resolve(text, true);
    Tag tag = event.getTag().map(Tag::new).orElse(event.isPlain() ? plain : Tag.STR);
    if (tag.equals(Tag.STR) || tag.getValue().equals(NON_SPECIFIC) || tag.equals(Tag.MERGE)) {
      return building.text(place, text);
    }
    if (!tag.equals(plain)) {
      foreign(tag.getValue() + " of \"" + text + "\"", place);
      return building.text(place, text);
    }
    if (tag.equals(Tag.NULL)) {
      return new Node.Nothing(place);
    }
    if (tag.equals(Tag.BOOL)) {
      return new Node.Flag(place, Boolean.parseBoolean(text), text);
    }
    return number(place, text);
  }

  private Node number(Node.Place place, String text) {
    String digits = text.startsWith("+") ? text.substring(1) : text;
    if (digits.startsWith("0x")) {
      return integer(place, digits, HEXADECIMAL);
    }
    if (digits.startsWith("0o")) {
      return integer(place, digits, OCTAL);
    }
    if (digits.endsWith("f")
        || digits.endsWith("F")
        || digits.endsWith("n")
        || digits.endsWith("N")) {
      problems.add(place, "%s is not a number that JSON has.".formatted(text), "", "");
      return building.text(place, text);
    }
    return building.number(place, digits, text);
  }

  /** Returns a number in another base; what is too long for a decimal one is told. */
  private Node integer(Node.Place place, String text, int base) {
    String digits = text.substring(2);
    return building.number(
        place, digits.length() > 1000 ? digits : new BigInteger(digits, base).toString(), text);
  }
}
