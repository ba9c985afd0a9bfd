package dev.grain.service.store;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Statements that do the same on every database. */
@ParameterizedClass(name = "{0}")
@EnumSource
abstract class OnEachDatabase {
  static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");
  static final By ADA = new By("ada", NOW);
  static final By BOB = new By("bob", NOW.plusSeconds(1));

  // used by one test after the other
  private static @Nullable PostgreSqlServer server;
  private static int databases;

  enum Kind {
    EMBEDDED,
    POSTGRESQL
  }

  @Parameter Kind kind = Kind.EMBEDDED;
  @TempDir private Path folder;
  private Database database;
  private Store store;

  @BeforeEach
  void open() throws Exception {
    database = database();
    store = Store.open(database);
  }

  private Database database() throws Exception {
    if (kind == Kind.EMBEDDED) {
      return new Database.Embedded(folder);
    }
    PostgreSqlServer running = server;
    if (running == null) {
      running = PostgreSqlServer.start();
      server = running;
    }
    return running.database("statements" + databases++);
  }

  @AfterEach
  void close() {
    if (store != null) {
      store.close();
    }
  }

  @AfterAll
  static void stop() throws Exception {
    PostgreSqlServer running = server;
    server = null;
    if (running != null) {
      running.close();
    }
  }

  final Store store() {
    return store;
  }

  final void openAgain() {
    store.close();
    store = Store.open(database);
  }

  /** Makes a change, and waits for the commit. */
  final <T> T write(Change<T> change) {
    return store.write(change).join();
  }

  final <T> T read(Store.Query<T> query) {
    return store.read(query);
  }

  static NewJob job(String name) {
    return new NewJob(
        Optional.empty(), name, "{\"name\": \"" + name + "\"}", 100, Map.of(), List.of(), false);
  }

  static NewJob own(String id) {
    return new NewJob(Optional.of(id), id, "{}", 100, Map.of(), List.of(), false);
  }

  static NewJob labelled(String name, Map<String, String> labels) {
    return new NewJob(Optional.empty(), name, "{}", 100, labels, List.of(), false);
  }

  static Submission submission(String owner, NewJob... jobs) {
    return new Submission(owner, Optional.empty(), List.of(jobs));
  }

  final List<Submitted> submit(By by, NewJob... jobs) {
    return write(handle -> new Submissions(handle).submit(submission(by.who(), jobs), by));
  }

  final long submitOne(By by, NewJob job) {
    return submit(by, job).getFirst().number();
  }

  final Optional<StoredJob> get(long number) {
    return read(handle -> new Jobs(handle).get(number));
  }

  final JobState state(long number) {
    return get(number).orElseThrow().state();
  }

  final List<Audit.Line> audit() {
    return read(handle -> new Audit(handle).list(Long.MAX_VALUE, 100));
  }

  static StoredAttempt attempt(int number, Instant sent) {
    return new StoredAttempt(number, "node-a", sent, Optional.empty(), Optional.empty());
  }

  static StoredAttempt started(int number, Instant sent) {
    return new StoredAttempt(
        number, "node-a", sent, Optional.of(sent.plusMillis(5)), Optional.empty());
  }

  static StoredAttempt ended(int number, Instant sent, StoredAttempt.End end) {
    return new StoredAttempt(
        number, "node-a", sent, Optional.of(sent.plusMillis(5)), Optional.of(end));
  }

  static StoredAttempt succeeded(int number, Instant sent) {
    return ended(number, sent, StoredAttempt.End.succeeded(sent.plusSeconds(1), Usage.UNKNOWN));
  }

  final boolean end(long number, StoredAttempt attempt) {
    return write(handle -> new Jobs(handle).end(number, attempt, new Result.None()));
  }

  /** Counts what the head counts as it goes. */
  static Map<String, Long> counted(Handle handle) {
    return handle
        .createQuery("SELECT owner, state, count(*) FROM jobs GROUP BY owner, state")
        .map((row, _) -> Map.entry(row.getString(1) + " " + row.getString(2), row.getLong(3)))
        .list()
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  static Map<String, Long> kept(Handle handle) {
    return handle
        .createQuery("SELECT owner, state, jobs FROM counts WHERE jobs <> 0")
        .map((row, _) -> Map.entry(row.getString(1) + " " + row.getString(2), row.getLong(3)))
        .list()
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }
}
