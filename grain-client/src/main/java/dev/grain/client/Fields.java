package dev.grain.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A group of keys that is read: takes note of keys that are unknown, and of values that are wrong,
 * which are then as if they were missing. For one thread.
 */
final class Fields {
  private static final int LONGEST_SHOWN = 60;

  private final Node.Place place;
  private final Problems problems;
  private final Map<String, Node.Entry> entries = new LinkedHashMap<>();

  /**
   * Reads the keys.
   *
   * @param what what has them, for messages
   */
  Fields(Node.Mapping mapping, String what, Problems problems, Key... known) {
    this.place = mapping.place();
    this.problems = problems;
    Map<String, Key> names = new LinkedHashMap<>();
    for (Key each : known) {
      names.put(each.name(), each);
    }
    for (Node.Entry each : mapping.entries()) {
      if (names.containsKey(each.key())) {
        entries.put(each.key(), each);
      } else {
        Key near = Key.nearest(each.key(), known);
        problems.add(
            each.place(),
            "\"%s\" is not a key of %s%s"
                .formatted(
                    shown(each.key()),
                    what,
                    near == null ? "." : "; did you mean \"" + near.name() + "\"?"),
            "one of " + Key.names(known),
            near == null ? "" : near.shownExample());
      }
    }
  }

  /** Returns a text for messages. */
  static String shown(String text) {
    return (text.length() > LONGEST_SHOWN ? text.substring(0, LONGEST_SHOWN) + "..." : text)
        .replaceAll("\\p{Cntrl}", "?");
  }

  /** Returns where the group is. */
  Node.Place place() {
    return place;
  }

  boolean has(Key key) {
    return entries.containsKey(key.name());
  }

  /** Returns where the key is, or the group if it has no such key. */
  Node.Place placeOf(Key key) {
    Node.Entry entry = entries.get(key.name());
    return entry == null ? place : entry.place();
  }

  /** Returns the value of a key; null if it is missing. */
  @Nullable Node node(Key key) {
    Node.Entry entry = entries.get(key.name());
    return entry == null ? null : entry.value();
  }

  /** What makes something of a value; throws an {@code IllegalArgumentException} if it is wrong. */
  interface Reading<T> {
    @Nullable T apply(Node value);
  }

  /** Returns what the value of a key stands for; null if it is missing or wrong. */
  <T> @Nullable T value(Key key, Reading<T> reading) {
    Node node = node(key);
    return node == null ? null : read(key, node, reading);
  }

  private <T> @Nullable T read(Key key, Node node, Reading<T> reading) {
    try {
      return reading.apply(node);
    } catch (IllegalArgumentException e) {
      problems.add(node.place(), key, String.valueOf(e.getMessage()));
      return null;
    }
  }

  /** Returns the value of a key, or another one if it is missing or wrong. */
  <T> T value(Key key, T otherwise, Reading<T> reading) {
    T value = value(key, reading);
    return value == null ? otherwise : value;
  }

  /** Returns what the items of a list stand for, without those that are wrong. */
  <T> List<T> list(Key key, Reading<T> reading) {
    List<T> all = new ArrayList<>();
    List<Node> items = value(key, List.of(), Values::list);
    for (Node each : items) {
      T item = read(key, each, reading);
      if (item != null) {
        all.add(item);
      }
    }
    return all;
  }

  /** Makes something of a key that the user chooses, and its value. */
  interface EntryReading<T> {
    T apply(String name, Node value);
  }

  /** Returns what keys that the user chooses stand for, without those that are wrong. */
  <T> Map<String, T> map(Key key, EntryReading<T> reading) {
    Map<String, T> all = new LinkedHashMap<>();
    List<Node.Entry> items = value(key, List.of(), Values::entries);
    for (Node.Entry each : items) {
      T value = read(key, each.value(), node -> reading.apply(each.key(), node));
      if (value != null) {
        all.put(each.key(), value);
      }
    }
    return all;
  }

  /** Returns the keys within the value of a key; null if it is missing or wrong. */
  @Nullable Fields fields(Key key, Key... known) {
    Node.Mapping mapping = value(key, Values::mapping);
    return mapping == null ? null : new Fields(mapping, key.name(), problems, known);
  }

  /**
   * Returns which one of some keys is there, of which there has to be one.
   *
   * @param what what is missing otherwise
   * @return null if there is none, or more than one
   */
  @Nullable Key one(String what, Key... keys) {
    Key found = null;
    for (Key each : keys) {
      if (has(each) && found != null) {
        problems.add(
            placeOf(each),
            "\"%s\" and \"%s\" exclude each other. Remove one of them."
                .formatted(found.name(), each.name()),
            "",
            "");
        return null;
      }
      found = has(each) ? each : found;
    }
    if (found == null) {
      problems.add(place, what, "one of the keys " + Key.names(keys), keys[0].shownExample());
    }
    return found;
  }

  /** Takes note that keys are there which make no sense. */
  void refuse(String why, Key... keys) {
    for (Key each : keys) {
      if (has(each)) {
        problems.add(placeOf(each), "\"%s\" %s".formatted(each.name(), why), "", "");
      }
    }
  }

  /** Takes note of a mistake that no key has by itself. */
  void wrong(String message) {
    problems.add(place, message, "", "");
  }
}
