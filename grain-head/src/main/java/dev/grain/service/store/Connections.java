package dev.grain.service.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.grain.service.store.StoreException.Kind;
import java.time.Duration;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/** The connections with a kind of database. Closed when the store is. */
interface Connections extends Writer.Connector, AutoCloseable {
  /** How many threads read at a time. */
  int READERS = 8;

  Duration PATIENCE = Duration.ofSeconds(10);

  /** How long a reader waits for a database that is away. */
  Duration CONNECT = Duration.ofSeconds(3);

  /** Returns where changes are made, by one connection at a time. */
  DataSource writing();

  /** Returns where is read, by many. */
  DataSource reading();

  /** Returns what differs in the statements that make tables. */
  Map<String, String> types();

  @Override
  void close();

  /** Opens the connections, without touching any table. */
  static Connections open(Database database) {
    return switch (database) {
      case Database.Embedded embedded -> EmbeddedConnections.open(embedded);
      case Database.PostgreSql server -> new PostgreSqlConnections(server);
    };
  }

  /** Returns connections that are kept for many reads. */
  static HikariDataSource pool(DataSource source) {
    HikariConfig config = new HikariConfig();
    config.setDataSource(source);
    config.setPoolName("grain-store");
    config.setReadOnly(true);
    config.setMaximumPoolSize(READERS);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(CONNECT.toMillis());
    // the first read says what is wrong
    config.setInitializationFailTimeout(-1);
    return new HikariDataSource(config);
  }

  /**
   * Makes the tables, or brings those of an older version up to date.
   *
   * @throws StoreException if those are of a newer version
   */
  default void migrate() {
    Flyway flyway =
        Flyway.configure(Store.class.getClassLoader())
            .dataSource(writing())
            .locations("classpath:dev/grain/service/store")
            .placeholders(types())
            .cleanDisabled(true)
            .load();
    try {
      MigrationInfo current = flyway.info().current();
      MigrationVersion known = newest(flyway);
      if (current != null && known != null && current.getVersion().compareTo(known) > 0) {
        throw new StoreException(
            Kind.UNUSABLE,
            "The data of the head were written by a newer version of Grain: their tables have version %s, and this version knows %s. Start the newer one, or restore a backup."
                .formatted(current.getVersion(), known));
      }
      var _ = flyway.migrate();
    } catch (FlywayException e) {
      throw new StoreException(
          Kind.UNUSABLE, "The tables of the head cannot be made: " + e.getMessage(), e);
    }
  }

  private static @Nullable MigrationVersion newest(Flyway flyway) {
    MigrationVersion newest = null;
    for (MigrationInfo each : flyway.info().all()) {
      if (each.getState().isResolved()
          && (newest == null || each.getVersion().compareTo(newest) > 0)) {
        newest = each.getVersion();
      }
    }
    return newest;
  }
}
