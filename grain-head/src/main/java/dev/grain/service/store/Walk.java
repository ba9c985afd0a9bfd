package dev.grain.service.store;

import java.util.List;
import java.util.stream.Stream;

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
    List<Sql> queries =
        parts.stream().flatMap(each -> queries(each, position, since, limit)).toList();
    if (queries.size() == 1) {
      return queries.getFirst();
    }
    Sql all = Sql.union(queries);
    return new Sql(
        "SELECT submitted, number FROM (" + all.text() + ") AS parts" + end(limit), all.values());
  }

  private Stream<Sql> queries(Sql part, Position position, long since, int limit) {
    if (sorted) {
      return times(position, since)
          .map(part::and)
          .map(where ->
              new Sql(
                  "SELECT submitted, number FROM " + table + " WHERE " + where.text() + end(limit),
                  where.values()));
    }
    // the limit keeps the database from following the times instead, through all jobs
    Sql some = new Sql(select("submitted, number", part, FEW), part.values());
    Sql time = time(position, since);
    return Stream.of(
        new Sql(
            "SELECT submitted, number FROM ("
                + some.text()
                + ") AS entries WHERE "
                + time.text()
                + end(limit),
            Sql.values(some, time)));
  }

  /**
   * Returns the conditions of what comes after a position: the rest of those of the same moment,
   * which may be very many, and all that are older. SQLite would not find the first of that rest by
   * the comparison of both at once.
   */
  private static Stream<Sql> times(Position position, long since) {
    Sql older = Sql.of("submitted < ?", position.submitted()).and(notBefore(since));
    if (position.number() == Long.MIN_VALUE
        || position.equals(Position.START)
        || position.submitted() < since) {
      return Stream.of(older);
    }
    return Stream.of(
        Sql.of("submitted = ? AND number < ?", position.submitted(), position.number()), older);
  }

  private static Sql time(Position position, long since) {
    return Sql.of("(submitted, number) < (?, ?)", position.submitted(), position.number())
        .and(notBefore(since));
  }

  /** SQLite takes a needless bound for a good reason to prefer an index of fewer columns. */
  private static Sql notBefore(long since) {
    return since == Long.MIN_VALUE ? Sql.NONE : Sql.of("submitted >= ?", since);
  }

  /** Returns a query of the number of positions, which stops counting at a limit. */
  Sql count(Position position, long since, int limit) {
    Sql all =
        Sql.union(
            parts.stream()
                // entries that are not in order would all be looked at for a few late ones
                .flatMap(part -> sorted ? times(position, since).map(part::and) : Stream.of(part))
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
