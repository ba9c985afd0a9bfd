package dev.grain.service.store;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A condition or a query, and what its question marks stand for.
 *
 * @param text empty if it is a condition that is always met
 */
record Sql(String text, List<Object> values) {
  static final Sql NONE = new Sql("", List.of());

  static Sql of(String text, Object... values) {
    return new Sql(text, List.of(values));
  }

  /** Returns the condition that is met if both are. */
  Sql and(Sql other) {
    if (text.isEmpty() || other.text.isEmpty()) {
      return text.isEmpty() ? other : this;
    }
    return new Sql(text + " AND " + other.text, values(this, other));
  }

  /** Returns the values of one after the other. */
  static List<Object> values(Sql first, Sql second) {
    return Stream.concat(first.values.stream(), second.values.stream()).toList();
  }

  /** Returns the query that has all rows of some, which have the same columns. */
  static Sql union(List<Sql> queries) {
    List<String> parts = new ArrayList<>();
    List<Object> values = new ArrayList<>();
    for (Sql each : queries) {
      // older servers want a name for each
      parts.add("SELECT * FROM (" + each.text + ") AS u" + parts.size());
      values.addAll(each.values);
    }
    return new Sql(String.join(" UNION ALL ", parts), values);
  }
}
