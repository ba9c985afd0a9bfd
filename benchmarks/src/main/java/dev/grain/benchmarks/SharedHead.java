package dev.grain.benchmarks;

import dev.grain.service.store.By;
import dev.grain.service.store.Database;
import dev.grain.service.store.ListLoad;
import dev.grain.service.store.NewJob;
import dev.grain.service.store.PostgreSqlServer;
import dev.grain.service.store.Store;
import dev.grain.service.store.Submission;
import dev.grain.service.store.Submissions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.opentest4j.TestAbortedException;
import org.sqlite.SQLiteDataSource;

/**
 * How many jobs a shared head stores in a second, beside bare transactions that have as many rows
 * each; and how long it takes to list some of many.
 */
final class SharedHead implements Question {
  private static final List<Integer> CLIENTS = List.of(1, 8, 64);
  private static final int JOBS = 4000;
  private static final int QUICK_JOBS = 640;
  private static final int WARM_UP = 2;
  private static final int ROUNDS = 7;
  private static final int QUICK_ROUNDS = 3;
  private static final int STORED = 1_000_000;
  private static final int QUICK_STORED = 20_000;
  private static final int PAGES = 500;
  private static final int QUICK_PAGES = 100;
  private static final String GRAIN = "grain";
  private static final String BARE = "sqlite";
  private static final String OWNER = "ada";

  private static final String SPEC =
      "{\"command\": [\"./simulate\", \"--seed\", \"42\"], \"resources\": {\"cpu\": 2, \"memory\": \"4GiB\"}}";

  @Override
  public String name() {
    return "head";
  }

  @Override
  public String asks() {
    return "how many jobs does a shared head store, and how long do lists of many take?";
  }

  @Override
  public void answer(Settings settings, Report report) throws Exception {
    if (settings.probe().includes("submit")) {
      submissions(settings, report);
    }
    if (settings.probe().includes("list")) {
      lists(settings, report);
    }
  }

  // ---------------------------------------------------------------- submissions

  private static void submissions(Settings settings, Report report) throws Exception {
    int jobs = settings.probe().jobsOr(settings.quick() ? QUICK_JOBS : JOBS);
    int rounds = settings.probe().roundsOr(settings.quick() ? QUICK_ROUNDS : ROUNDS);
    Table table =
        new Table("Jobs stored one at a time by each client", "clients", "stored/s", "bare rows/s");
    try (Scratch scratch = Scratch.create();
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
        Store store = Store.open(new Database.Embedded(folder(scratch, GRAIN)));
        Bare bare = Bare.open(folder(scratch, BARE))) {
      for (int count : CLIENTS) {
        RateSeries stored =
            new RateSeries(GRAIN, jobs, things -> submit(store, clients, count, things));
        RateSeries rows = new RateSeries(BARE, jobs, things -> bare.insert(things, count));
        Series.race(List.of(stored, rows), WARM_UP, rounds, report);
        double rate = stored.rates().median();
        double yardstick = rows.rates().median();
        table.row(String.valueOf(count), Table.figure(rate, 0), Table.figure(yardstick, 0));
        report.ratio(GRAIN, BARE, "head-submissions-%s".formatted(count), rate / yardstick);
      }
    }
    report.table(table);
  }

  private static Path folder(Scratch scratch, String name) throws IOException {
    return Files.createDirectory(scratch.folder().resolve(name));
  }

  /** Has each client submit its share, one job after the other, each when the last is stored. */
  private static long submit(Store store, ExecutorService threads, int clients, int jobs)
      throws IOException {
    long began = System.nanoTime();
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      int share = jobs / clients + (i < jobs % clients ? 1 : 0);
      running.add(
          threads.submit(() -> {
            for (int job = 0; job < share; job++) {
              submit(store);
            }
          }));
    }
    try {
      for (Future<?> each : running) {
        each.get();
      }
    } catch (ExecutionException | InterruptedException e) {
      throw new IOException("not submitted", e);
    }
    return System.nanoTime() - began;
  }

  private static void submit(Store store) {
    NewJob job = new NewJob(Optional.empty(), "simulate", SPEC, 100, Map.of(), List.of(), false);
    By by = new By(OWNER, Instant.now());
    store
        .write(
            Submissions.TOGETHER,
            new By.Asked<>(new Submission(OWNER, Optional.empty(), List.of(job)), by))
        .join();
  }

  /** A table with the same columns, in transactions that are as durable. */
  private record Bare(Connection connection) implements AutoCloseable {
    static Bare open(Path folder) throws SQLException {
      SQLiteDataSource source = new SQLiteDataSource();
      source.setUrl("jdbc:sqlite:" + folder.resolve("bare.db"));
      Connection connection = source.getConnection();
      try (Statement statement = connection.createStatement()) {
        statement.execute("PRAGMA journal_mode = WAL");
        statement.execute("PRAGMA synchronous = FULL");
        statement.execute(
            "CREATE TABLE jobs (number INTEGER PRIMARY KEY, owner TEXT, name TEXT, state TEXT, spec TEXT, submitted BIGINT)");
      }
      connection.setAutoCommit(false);
      return new Bare(connection);
    }

    /** Inserts rows, so many in a transaction, and returns how many nanoseconds it took. */
    long insert(int rows, int each) throws IOException {
      long began = System.nanoTime();
      try (PreparedStatement statement =
          connection.prepareStatement(
              "INSERT INTO jobs (owner, name, state, spec, submitted) VALUES (?, ?, ?, ?, ?)")) {
        for (int from = 0; from < rows; from += each) {
          for (int i = from; i < Math.min(rows, from + each); i++) {
            statement.setString(1, OWNER);
            statement.setString(2, "simulate");
            statement.setString(3, "QUEUED");
            statement.setString(4, SPEC);
            statement.setLong(5, began);
            statement.addBatch();
          }
          statement.executeBatch();
          connection.commit();
        }
      } catch (SQLException e) {
        throw new IOException("not inserted", e);
      }
      return System.nanoTime() - began;
    }

    @Override
    public void close() throws SQLException {
      connection.close();
    }
  }

  // ---------------------------------------------------------------- lists

  private static void lists(Settings settings, Report report) throws Exception {
    try (Scratch scratch = Scratch.create()) {
      list("SQLite", new Database.Embedded(scratch.folder()), settings, report);
    }
    try (PostgreSqlServer server = PostgreSqlServer.start()) {
      list("PostgreSQL", server.database("lists"), settings, report);
    } catch (TestAbortedException e) {
      report.note("PostgreSQL: is not measured. " + e.getMessage());
    }
  }

  private static void list(String name, Database database, Settings settings, Report report) {
    int jobs = settings.probe().jobsOr(settings.quick() ? QUICK_STORED : STORED);
    Table table =
        new Table(
            String.format(Locale.ROOT, "Pages of 100 of %,d jobs in %s", jobs, name),
            "",
            "median ms",
            "p99 ms");
    double[] most = {0};
    try (Store store = Store.open(database)) {
      ListLoad load = new ListLoad(store, jobs);
      load.fill(_ -> {});
      load.measure(
          settings.quick() ? QUICK_PAGES : PAGES,
          (kind, times) -> {
            table.row(kind, Table.figure(times.median(), 2), Table.figure(times.p99(), 2));
            most[0] = Math.max(most[0], times.p99());
          });
    }
    report.table(table);
    report.figure("head-list-p99-" + name.toLowerCase(Locale.ROOT), most[0]);
  }
}
