package dev.grain.service.store;

import java.util.List;

/**
 * A way through jobs by an index, the newest first. Where jobs of several states are asked for, it
 * is one way for each state, and the next one is the newest of all.
 *
 * @param table {@code jobs} or {@code labels}, which both have times and numbers
 * @param parts the conditions of the ways, of which a job meets at most one
 * @param sorted whether the index has the jobs of a way in the order of the list
 */
record Walk(String table, List<Condition> parts, boolean sorted) {
  static Walk of(String table, Condition condition) {
    return new Walk(table, List.of(condition), true);
  }

  /** Returns a query of the positions after one, as many as are asked for. */
  Condition after(Position position, long since, int limit) {
    List<Condition> queries =
        parts.stream().map(each -> query(each, position, since, limit)).toList();
    if (queries.size() == 1) {
      return queries.getFirst();
    }
    Condition all = Condition.union(queries);
    return new Condition(
        "SELECT submitted, number FROM (" + all.sql() + ") AS parts" + end(limit), all.values());
  }

  private Condition query(Condition part, Position position, long since, int limit) {
    Condition where =
        part.and(
            Condition.of(
                "(submitted, number) < (?, ?) AND submitted >= ?",
                position.submitted(),
                position.number(),
                since));
    return new Condition(
        "SELECT submitted, number FROM " + table + " WHERE " + where.sql() + end(limit),
        where.values());
  }

  /** The limit is no parameter, as a server plans for what it sees. */
  private static String end(int limit) {
    return " ORDER BY submitted DESC, number DESC LIMIT " + limit;
  }
}
