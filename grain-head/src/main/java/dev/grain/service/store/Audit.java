package dev.grain.service.store;

import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** Who changed what, and when. Lines are added in the transaction of the change. */
public final class Audit {
  private final Handle handle;

  /**
   * A line.
   *
   * @param number counted up
   * @param action such as {@code job.cancel}
   * @param object what was changed, such as the id of a job
   */
  public record Line(long number, Instant moment, String who, String action, String object) {}

  /** A line that is to be added. */
  record Entry(By by, String action, String object) {}

  public Audit(Handle handle) {
    this.handle = handle;
  }

  /** Adds a line. */
  public void add(By by, String action, String object) {
    handle.execute(
        "INSERT INTO audit (moment, who, action, object) VALUES (?, ?, ?, ?)",
        by.millis(),
        by.who(),
        action,
        object);
  }

  void add(List<Entry> lines) {
    if (lines.isEmpty()) {
      return;
    }
    try (PreparedBatch batch =
        handle.prepareBatch(
            "INSERT INTO audit (moment, who, action, object) VALUES (?, ?, ?, ?)")) {
      lines.forEach(
          line -> batch.add(line.by().millis(), line.by().who(), line.action(), line.object()));
      var _ = batch.execute();
    }
  }

  /**
   * Returns lines, the newest first.
   *
   * @param before only those with smaller numbers; {@link Long#MAX_VALUE} for the newest
   */
  public List<Line> list(long before, int limit) {
    return handle
        .createQuery(
            "SELECT number, moment, who, action, object FROM audit WHERE number < ? ORDER BY number DESC LIMIT ?")
        .bind(0, before)
        .bind(1, limit)
        .map((row, _) ->
            new Line(
                row.getLong(1),
                Instant.ofEpochMilli(row.getLong(2)),
                row.getString(3),
                row.getString(4),
                row.getString(5)))
        .list();
  }
}
