package dev.grain.service.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a store does on every database. */
abstract class StoreContract {
  private Store store;

  /** Returns a database without tables, the same one for all calls in a test. */
  abstract Database database() throws Exception;

  @BeforeEach
  void open() throws Exception {
    store = Store.open(database());
  }

  @AfterEach
  void close() {
    store.close();
  }

  Store store() {
    return store;
  }

  void openAgain() throws Exception {
    store.close();
    store = Store.open(database());
  }

  static String addUser(Handle handle, String name) {
    handle.execute("INSERT INTO users (name, role, created) VALUES (?, 'submit', 0)", name);
    return name;
  }

  List<String> users() {
    return store.read(handle ->
        handle.createQuery("SELECT name FROM users ORDER BY name").mapTo(String.class).list());
  }

  @Test
  void write_isThere_afterTheStoreWasOpenedAgain() throws Exception {
    String id = store.headId();
    assertThat(store.write(handle -> addUser(handle, "ada")).join()).isEqualTo("ada");
    openAgain();
    assertThat(users()).containsExactly("ada");
    assertThat(store.headId()).isEqualTo(id);
  }

  @Test
  void write_thatFails_changesNothing_andNoOther() {
    // they come while the first one is applied, and so share a transaction
    List<CompletableFuture<String>> futures = new ArrayList<>();
    CompletableFuture<String> gate = new CompletableFuture<>();
    futures.add(store.write(_ -> gate.join()));
    futures.add(store.write(handle -> addUser(handle, "ada")));
    CompletableFuture<String> thrown =
        store.write(handle -> {
          addUser(handle, "bob");
          throw new IllegalStateException("bob may not");
        });
    CompletableFuture<String> refused = store.write(handle -> addUser(handle, "ada"));
    futures.add(store.write(handle -> addUser(handle, "eve")));
    gate.complete("open");
    futures.forEach(CompletableFuture::join);
    assertThatThrownBy(thrown::join)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(IllegalStateException.class)
        .hasMessageContaining("bob may not");
    assertThatThrownBy(refused::join).isInstanceOf(CompletionException.class);
    assertThat(users()).containsExactly("ada", "eve");
  }

  @Test
  void write_seesThoseBeforeIt() {
    var _ = store.write(handle -> addUser(handle, "ada"));
    CompletableFuture<Long> count =
        store.write(
            handle -> handle.createQuery("SELECT count(*) FROM users").mapTo(Long.class).one());
    assertThat(count.join()).isEqualTo(1);
  }

  @Test
  void read_seesWhatWasCommitted_whileOthersWrite() {
    store.write(handle -> addUser(handle, "ada")).join();
    CompletableFuture<Boolean> seen = new CompletableFuture<>();
    CompletableFuture<String> writing =
        store.write(handle -> {
          String name = addUser(handle, "bob");
          seen.join();
          return name;
        });
    try {
      assertThat(users()).containsExactly("ada");
    } finally {
      seen.complete(true);
    }
    writing.join();
    assertThat(users()).containsExactly("ada", "bob");
  }

  @Test
  void read_cannotChangeAnything() {
    assertThatThrownBy(() -> store.read(handle -> addUser(handle, "ada")))
        .hasMessageContaining("read");
    assertThat(users()).isEmpty();
  }

  @Test
  void close_makesTheChangesThatWait() throws Exception {
    List<CompletableFuture<String>> futures = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      String name = String.valueOf(i);
      futures.add(store.write(handle -> addUser(handle, name)));
    }
    openAgain();
    assertThat(futures).allMatch(each -> each.isDone() && !each.isCompletedExceptionally());
    assertThat(users()).hasSize(10_000);
  }

  @Test
  void writeAndRead_afterTheEnd_fail() {
    Store closed = store;
    closed.close();
    assertThatThrownBy(() -> closed.write(handle -> addUser(handle, "ada")).join())
        .hasCauseInstanceOf(StoreException.class)
        .hasMessageContaining("The store was closed.");
    assertThatThrownBy(this::users)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("The database cannot be read");
  }

  @Test
  void open_whileAnotherHeadHasIt_isRefused() {
    assertThatThrownBy(() -> Store.open(database()).close())
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("Another head")
        .hasMessageContaining("of its own");
    store.write(handle -> addUser(handle, "ada")).join();
  }

  @Test
  void open_ofDataOfANewerVersion_isRefused() throws Exception {
    store
        .write(handle ->
            handle.execute(
                "INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, installed_by, execution_time, success) VALUES (99, '99', 'later', 'SQL', 'V99__later.sql', 'test', 0, ?)",
                true))
        .join();
    store.close();
    assertThatThrownBy(() -> Store.open(database()).close())
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("a newer version of Grain")
        .hasMessageContaining("99");
  }
}
