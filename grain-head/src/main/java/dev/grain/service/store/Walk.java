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
record Walk(String table, List<Sql> parts, boolean sorted) {
  /** An index with fewer entries than these can be followed to its end, in any order. */
  static final int FEW = 5_000;

  static Walk of(String table, Sql condition) {
    return new Walk(table, List.of(condition), true);
  }

  /** Returns a query of the positions after one, as many as are asked for. */
  Sql after(Position position, long since, int limit) {
    List<Sql> queries = parts.stream().map(each -> query(each, position, since, limit)).toList();
    if (queries.size() == 1) {
      return queries.getFirst();
    }
    Sql all = Sql.union(queries);
    return new Sql(
        "SELECT submitted, number FROM (" + all.text() + ") AS parts" + end(limit), all.values());
  }

  private Sql query(Sql part, Position position, long since, int limit) {
    Sql time = time(position, since);
    if (sorted) {
      Sql where = part.and(time);
      return new Sql(
          "SELECT submitted, number FROM " + table + " WHERE " + where.text() + end(limit),
          where.values());
    }
    // the limit keeps the database from following the times instead, through all jobs
    Sql some = new Sql(select("submitted, number", part, FEW), part.values());
    return new Sql(
        "SELECT submitted, number FROM ("
            + some.text()
            + ") AS entries WHERE "
            + time.text()
            + end(limit),
        Sql.values(some, time));
  }

  private static Sql time(Position position, long since) {
    return Sql.of(
        "(submitted, number) < (?, ?) AND submitted >= ?",
        position.submitted(),
        position.number(),
        since);
  }

  /** Returns a query of the number of positions, which stops counting at a limit. */
  Sql count(Position position, long since, int limit) {
    Sql all =
        Sql.union(
            parts.stream()
                // entries that are not in order would all be looked at for a few late ones
                .map(part -> sorted ? part.and(time(position, since)) : part)
                .map(where -> new Sql(select("1", where, limit), where.values()))
                .toList());
    return new Sql("SELECT count(*) FROM (" + all.text() + ") AS parts", all.values());
  }

  private String select(String what, Sql where, int limit) {
    return "SELECT " + what + " FROM " + table + " WHERE " + where.text() + " LIMIT " + limit;
  }

  /** The limit is no parameter, as a server plans for what it sees. */
  private static String end(int limit) {
    return " ORDER BY submitted DESC, number DESC LIMIT " + limit;
  }
}
