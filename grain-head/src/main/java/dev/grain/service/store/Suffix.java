package dev.grain.service.store;

import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Finds ids by how they end. */
final class Suffix {
  /** How many characters it takes, so that a single digit is never taken for some job. */
  static final int LEAST = 3;

  private final Handle handle;

  Suffix(Handle handle) {
    this.handle = handle;
  }

  /** Returns the number of the latest whose id ends so. */
  Optional<Long> latest(String table, String end, Optional<String> owner) {
    if (end.length() < LEAST) {
      return Optional.empty();
    }
    String reversed = Submissions.reversed(end);
    Optional<String> after = Prefix.after(reversed);
    String sql =
        "SELECT number FROM "
            + table
            + " WHERE id IS NOT NULL AND reversed >= :from"
            + (after.isPresent() ? " AND reversed < :to" : "")
            + (owner.isPresent() ? " AND owner = :owner" : "")
            + " ORDER BY submitted DESC, number DESC LIMIT 1";
    var query = handle.createQuery(sql).bind("from", reversed);
    after.ifPresent(text -> query.bind("to", text));
    owner.ifPresent(name -> query.bind("owner", name));
    return query.mapTo(Long.class).findOne();
  }
}
