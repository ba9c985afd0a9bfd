package dev.grain.service.store;

import com.zaxxer.hikari.HikariDataSource;
import dev.grain.service.store.StoreException.Kind;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** Connections with PostgreSQL. An advisory lock keeps other heads away. */
final class PostgreSqlConnections implements Connections {
  /** Any number that no other program takes for its locks: "grain" in ASCII. */
  private static final long LOCK = 0x677261696eL;

  /** The code of the error that a lock was not had in time. */
  private static final String LOCKED = "55P03";

  /** After how many seconds an answer is not to be expected any more. */
  private static final int SILENCE = 60;

  private final Database.PostgreSql database;
  private final DataSource writing;
  private final HikariDataSource reading;

  PostgreSqlConnections(Database.PostgreSql database) {
    this.database = database;
    this.writing = source(database);
    this.reading = Connections.pool(source(database));
  }

  private static DataSource source(Database.PostgreSql database) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    try {
      source.setUrl(database.url());
    } catch (IllegalArgumentException e) {
      throw new StoreException(
          Kind.UNUSABLE,
          "The address %s is none of PostgreSQL; write jdbc:postgresql://HOST:5432/DATABASE."
              .formatted(database.url()),
          e);
    }
    source.setUser(database.user());
    source.setPassword(database.password());
    source.setApplicationName("grain-head");
    source.setConnectTimeout((int) PATIENCE.toSeconds());
    source.setSocketTimeout(SILENCE);
    source.setTcpKeepAlive(true);
    return source;
  }

  @Override
  public DataSource writing() {
    return writing;
  }

  @Override
  public DataSource reading() {
    return reading;
  }

  @Override
  public Map<String, String> types() {
    return Map.of("bytes", "BYTEA", "real", "DOUBLE PRECISION");
  }

  @Override
  public Handle open() {
    Handle handle = Jdbi.open(writing);
    try {
      // the server may not know yet that the connection of the former head is gone
      handle.execute("SET lock_timeout = '%sms'".formatted(CONNECT.toMillis()));
      handle.execute("SELECT pg_advisory_lock(?)", LOCK);
      handle.execute("SET lock_timeout = 0");
      return handle;
    } catch (JdbiException e) {
      handle.close();
      if (LOCKED.equals(state(e))) {
        throw new StoreException(
            Kind.UNUSABLE,
            "Another head uses the database %s. Stop it, or give this one a database of its own."
                .formatted(database.url()),
            e);
      }
      throw e;
    }
  }

  @Override
  public @Nullable Kind kind(Throwable thrown) {
    String state = state(thrown);
    return state == null ? null : kind(state);
  }

  private static @Nullable String state(Throwable thrown) {
    for (Throwable each = thrown; each != null; each = each.getCause()) {
      if (each instanceof SQLException failed && failed.getSQLState() != null) {
        return failed.getSQLState();
      }
    }
    return null;
  }

  /** By appendix A of the manual of PostgreSQL. */
  private static @Nullable Kind kind(String state) {
    if (state.equals("53100")) {
      return Kind.FULL;
    }
    // no connection, no resources, the server ends or starts, a standby
    if (state.startsWith("08")
        || state.startsWith("53")
        || state.startsWith("57P")
        || state.equals("25006")) {
      return Kind.AWAY;
    }
    // access is denied, damage
    return state.startsWith("28") || state.startsWith("XX") ? Kind.UNUSABLE : null;
  }

  @Override
  public void close() {
    reading.close();
  }
}
