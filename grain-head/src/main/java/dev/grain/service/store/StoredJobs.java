package dev.grain.service.store;

import dev.grain.Cause;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** How rows of the tables become records. */
final class StoredJobs {
  /** Between the id of a map and the index of a task. */
  static final char TASK = ':';

  /** What {@link #job} reads, of {@code jobs AS j LEFT JOIN maps AS m}. */
  static final String COLUMNS =
      "j.number, j.id, j.map, j.task, j.owner, j.name, j.state, j.cause, j.message, j.priority, j.attempt, j.submitted, j.started, j.ended, j.exit_code, j.signal, j.peak_memory, m.id";

  /** What {@link #attempt} reads. */
  static final String ATTEMPT =
      "a.number, a.node, a.sent, a.started, a.ended, a.cause, a.message, a.exit_code, a.signal, a.peak_memory";

  /** The columns of one job after another. */
  static final int WIDTH = 18;

  private StoredJobs() {}

  static StoredJob job(ResultSet row) throws SQLException {
    String id = row.getString(2);
    return new StoredJob(
        row.getLong(1),
        id == null ? row.getString(18) + TASK + row.getLong(4) : id,
        number(row, 3),
        row.getString(5),
        row.getString(6),
        JobState.valueOf(row.getString(7)),
        cause(row, 8),
        text(row, 9),
        row.getDouble(10),
        row.getInt(11),
        Instant.ofEpochMilli(row.getLong(12)),
        moment(row, 13),
        moment(row, 14),
        small(row, 15),
        small(row, 16),
        number(row, 17));
  }

  /**
   * Reads an attempt.
   *
   * @param before how many columns are before it
   */
  static StoredAttempt attempt(ResultSet row, int before) throws SQLException {
    Optional<Instant> ended = moment(row, before + 5);
    Optional<StoredAttempt.End> end =
        ended.isEmpty()
            ? Optional.empty()
            : Optional.of(
                new StoredAttempt.End(
                    ended.get(),
                    cause(row, before + 6),
                    text(row, before + 7),
                    new Usage(
                        small(row, before + 8), small(row, before + 9), number(row, before + 10))));
    return new StoredAttempt(
        row.getInt(before + 1),
        row.getString(before + 2),
        Instant.ofEpochMilli(row.getLong(before + 3)),
        moment(row, before + 4),
        end);
  }

  private static Optional<Cause> cause(ResultSet row, int column) throws SQLException {
    return Optional.ofNullable(row.getString(column)).map(Cause::valueOf);
  }

  private static String text(ResultSet row, int column) throws SQLException {
    String text = row.getString(column);
    return text == null ? "" : text;
  }

  static Optional<Instant> moment(ResultSet row, int column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
  }

  private static OptionalLong number(ResultSet row, int column) throws SQLException {
    long number = row.getLong(column);
    return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(number);
  }

  private static OptionalInt small(ResultSet row, int column) throws SQLException {
    int number = row.getInt(column);
    return row.wasNull() ? OptionalInt.empty() : OptionalInt.of(number);
  }

  static @Nullable Long millis(Optional<Instant> moment) {
    return moment.map(Instant::toEpochMilli).orElse(null);
  }

  static @Nullable Integer boxed(OptionalInt number) {
    return number.isPresent() ? number.getAsInt() : null;
  }

  static @Nullable Long boxed(OptionalLong number) {
    return number.isPresent() ? number.getAsLong() : null;
  }
}
