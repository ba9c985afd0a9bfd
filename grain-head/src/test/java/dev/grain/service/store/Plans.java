package dev.grain.service.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementContext;

/** Asks the database how it executes each statement of a handle. For one thread. */
final class Plans implements SqlLogger {
  private static final String WRAPPING = " wrapping ";

  private final OnEachDatabase.Kind kind;
  private final String explain;
  private final List<String> lines = new ArrayList<>();

  private Plans(OnEachDatabase.Kind kind) {
    this.kind = kind;
    this.explain = kind == OnEachDatabase.Kind.EMBEDDED ? "EXPLAIN QUERY PLAN " : "EXPLAIN ";
  }

  static Plans of(Handle handle, OnEachDatabase.Kind kind) {
    Plans plans = new Plans(kind);
    handle.getConfig(SqlStatements.class).setSqlLogger(plans);
    return plans;
  }

  /** Returns what was said of the statements so far. */
  List<String> lines() {
    return lines;
  }

  @Override
  public void logBeforeExecution(StatementContext context) {
    try (PreparedStatement statement =
        context.getStatement().getConnection().prepareStatement(explain + sql(context))) {
      try (ResultSet rows = statement.executeQuery()) {
        int column = rows.getMetaData().getColumnCount();
        while (rows.next()) {
          lines.add(rows.getString(column).strip());
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(context.getParsedSql().getSql(), e);
    }
  }

  private String sql(StatementContext context) {
    String wrapped = String.valueOf(context.getStatement());
    int sql = wrapped.indexOf(WRAPPING);
    // SQLite plans without values, and PostgreSQL tells the statement with its own
    return kind == OnEachDatabase.Kind.EMBEDDED
        ? context.getParsedSql().getSql()
        : wrapped.substring(sql < 0 ? 0 : sql + WRAPPING.length());
  }
}
