package dev.grain.service.store;

import dev.grain.service.store.StoreException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * What a head keeps across its lives. One head at a time has it. For any thread; calls other than
 * {@link #write} block.
 */
public final class Store implements AutoCloseable {
  private final Connections connections;
  private final Jdbi reading;
  private final Writer writer;
  private final String headId;

  // set by the thread that closes, read by those that read
  private volatile boolean closed;

  /** Reads what is stored. */
  @FunctionalInterface
  public interface Query<T> {
    /** Reads, on the thread that asks; the handle is refused when it changes something. */
    T read(Handle handle);
  }

  private Store(Connections connections, Handle handle) {
    this.connections = connections;
    this.reading = Jdbi.create(connections.reading());
    this.headId = headId(handle);
    this.writer = new Writer(connections, handle);
  }

  /**
   * Opens what is stored, and makes or updates the tables.
   *
   * @throws StoreException if the database cannot be used, or another head has it; the message says
   *     what to do
   */
  public static Store open(Database database) {
    Connections connections = Connections.open(database);
    Handle handle = null;
    try {
      handle = connections.open();
      connections.migrate();
      return new Store(connections, handle);
    } catch (JdbiException e) {
      close(handle, connections);
      throw new StoreException(
          Kind.UNUSABLE,
          "The database %s cannot be used: %s".formatted(database, e.getMessage()),
          e);
    } catch (RuntimeException | Error e) {
      close(handle, connections);
      throw e;
    }
  }

  private static void close(@Nullable Handle handle, Connections connections) {
    if (handle != null) {
      handle.close();
    }
    connections.close();
  }

  /** Returns the name that the head has for its workers in all of its lives. */
  private static String headId(Handle handle) {
    handle.execute(
        "INSERT INTO head (one, id, commits) VALUES (1, ?, 0) ON CONFLICT DO NOTHING",
        UUID.randomUUID().toString());
    return handle.createQuery("SELECT id FROM head").mapTo(String.class).one();
  }

  /** Returns what identifies the head in all of its lives. */
  public String headId() {
    return headId;
  }

  /**
   * Has a change made. What it returns comes after it is on the disk.
   *
   * <p>While the database is away, changes wait for it. The future fails with what the change has
   * thrown, or with a {@link StoreException}. Its dependents are called by the thread that writes,
   * and must not block it.
   */
  public <T> CompletableFuture<T> write(Change<T> change) {
    return write(change, _ -> {});
  }

  /**
   * Has a change made, and something done when it is on the disk, before the future comes; see
   * {@link #write(Change)}. What is done after changes is done in their order.
   *
   * @param onKept called by the thread that writes, which it must not block
   */
  public <T> CompletableFuture<T> write(Change<T> change, Consumer<? super T> onKept) {
    return writer.write(change, onKept);
  }

  /** Has a change made, as {@link #write(Change)} does, together with others of its kind. */
  public <I, T> CompletableFuture<T> write(Change.Together<I, T> kind, I item) {
    return write(kind, item, _ -> {});
  }

  /** Has a change made together with others of its kind, as {@link #write(Change, Consumer)}. */
  public <I, T> CompletableFuture<T> write(
      Change.Together<I, T> kind, I item, Consumer<? super T> onKept) {
    return writer.write(kind, item, onKept);
  }

  /** Tells an observer of each transaction from now on. */
  public void observe(Commit.Observer observer) {
    writer.observe(observer);
  }

  /** Tells an observer of no further transactions; one may still be told meanwhile. */
  public void forget(Commit.Observer observer) {
    writer.forget(observer);
  }

  /**
   * Reads, in one transaction.
   *
   * @throws StoreException if the database is away, or the store was closed
   */
  public <T> T read(Query<T> query) {
    try {
      return reading.inTransaction(query::read);
    } catch (JdbiException e) {
      Kind kind = closed ? Kind.AWAY : connections.kind(e);
      throw kind == null
          ? e
          : new StoreException(kind, "The database cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Copies what is stored to a file, as it is at one moment, whether or not a head runs on it
   * meanwhile.
   *
   * @param file a file that does not exist
   * @throws StoreException if it cannot be written, or the database is not in a file
   */
  public static void backup(Database database, Path file) {
    if (!(database instanceof Database.Embedded embedded)) {
      throw new StoreException(
          Kind.UNUSABLE, "Back up a database of PostgreSQL by its own program, pg_dump.");
    }
    if (Files.exists(file)) {
      throw new StoreException(
          Kind.UNUSABLE, "The file %s exists. Name one that does not.".formatted(file));
    }
    Jdbi reading = Jdbi.create(EmbeddedConnections.reader(embedded));
    EmbeddedConnections.makePrivate(file);
    try {
      reading.useHandle(
          handle -> handle.execute("VACUUM INTO ?", file.toAbsolutePath().toString()));
    } catch (JdbiException e) {
      Kind kind = EmbeddedConnections.kindOf(e);
      throw new StoreException(
          kind == null ? Kind.UNUSABLE : kind,
          "The file %s cannot be written: %s".formatted(file, e.getMessage()),
          e);
    }
  }

  /**
   * Returns what is wrong with a database, whether or not a head runs on it; empty if nothing is.
   *
   * @throws StoreException if there is none
   */
  public static List<String> verify(Database database) {
    if (!(database instanceof Database.Embedded embedded)) {
      // the server verifies pages as it reads them
      return List.of();
    }
    Jdbi reading = Jdbi.create(EmbeddedConnections.reader(embedded));
    try {
      return reading.withHandle(handle ->
          handle.createQuery("PRAGMA integrity_check").mapTo(String.class).list().stream()
              .filter(line -> !line.equals("ok"))
              .toList());
    } catch (JdbiException e) {
      return List.of(String.valueOf(e.getMessage()));
    }
  }

  /** Makes the changes that wait, and leaves the database. */
  @Override
  public void close() {
    closed = true;
    writer.close();
    connections.close();
  }
}
