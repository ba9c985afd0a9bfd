package dev.grain.service.store;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A condition of SQL, and what its question marks stand for.
 *
 * @param sql empty if it is always met
 */
record Condition(String sql, List<Object> values) {
  static final Condition NONE = new Condition("", List.of());

  static Condition of(String sql, Object... values) {
    return new Condition(sql, List.of(values));
  }

  Condition and(Condition other) {
    if (sql.isEmpty() || other.sql.isEmpty()) {
      return sql.isEmpty() ? other : this;
    }
    return new Condition(
        sql + " AND " + other.sql, Stream.concat(values.stream(), other.values.stream()).toList());
  }

  /** Returns the query that has all rows of some, which have the same columns. */
  static Condition union(List<Condition> queries) {
    List<String> parts = new ArrayList<>();
    List<Object> values = new ArrayList<>();
    for (Condition each : queries) {
      // older servers want a name for each
      parts.add("SELECT * FROM (" + each.sql + ") AS u" + parts.size());
      values.addAll(each.values);
    }
    return new Condition(String.join(" UNION ALL ", parts), values);
  }
}
