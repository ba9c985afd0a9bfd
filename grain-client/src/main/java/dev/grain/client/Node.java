package dev.grain.client;

import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A value in a text of JSON or YAML, with its place. Immutable. */
sealed interface Node {
  /** Returns where it is. */
  Place place();

  /** Returns what it is, with an article. */
  String kind();

  /**
   * Returns how large it is with all in it: its characters, and one for each value. What several
   * aliases of YAML stand for counts for each of them.
   */
  long size();

  /**
   * Where a value is.
   *
   * <p>Implementation note: pointers are made when they are asked for, as those of all values of a
   * text may be far longer than the text.
   *
   * @param parent the place of what it is in; null for the top
   * @param step its key or its number there
   * @param line counted from 1
   * @param column counted from 1
   */
  record Place(@Nullable Place parent, String step, int line, int column) {
    private static final int LONGEST_STEP = 100;

    static Place top(int line, int column) {
      return new Place(null, "", line, column);
    }

    String pointer() {
      if (parent == null) {
        return "";
      }
      String shown = step.length() > LONGEST_STEP ? step.substring(0, LONGEST_STEP) + "..." : step;
      return parent.pointer() + "/" + shown.replace("~", "~0").replace("/", "~1");
    }
  }

  /** A text. */
  record Text(Place place, String text) implements Node {
    @Override
    public String kind() {
      return "a text";
    }

    @Override
    public long size() {
      return text.length() + 1L;
    }
  }

  /**
   * A number.
   *
   * @param written as it was written
   */
  record Decimal(Place place, BigDecimal value, String written) implements Node {
    @Override
    public String kind() {
      return "a number";
    }

    @Override
    public long size() {
      return written.length() + 1L;
    }
  }

  /**
   * True or false.
   *
   * @param written as it was written
   */
  record Flag(Place place, boolean value, String written) implements Node {
    @Override
    public String kind() {
      return "true or false";
    }

    @Override
    public long size() {
      return 1;
    }
  }

  /** Null, or in YAML a key without a value. */
  record Nothing(Place place) implements Node {
    @Override
    public String kind() {
      return "nothing";
    }

    @Override
    public long size() {
      return 1;
    }
  }

  /** A list. */
  record Sequence(Place place, List<Node> items, long size) implements Node {
    @Override
    public String kind() {
      return "a list";
    }
  }

  /** Keys with values, each key once. */
  record Mapping(Place place, List<Entry> entries, long size) implements Node {
    @Override
    public String kind() {
      return "a group of keys";
    }
  }

  /**
   * A key with its value.
   *
   * @param place where the key is
   */
  record Entry(Place place, String key, Node value) {}
}
