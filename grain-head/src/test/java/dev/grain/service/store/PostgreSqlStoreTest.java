package dev.grain.service.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A store on a server of PostgreSQL. */
final class PostgreSqlStoreTest extends StoreContract {
  private static @Nullable PostgreSqlServer server;
  private static int count;

  private @Nullable Database database;

  @BeforeAll
  static void start() throws Exception {
    server = PostgreSqlServer.start();
  }

  @AfterAll
  static void stop() throws Exception {
    if (server != null) {
      server.close();
    }
  }

  private static PostgreSqlServer server() {
    if (server == null) {
      throw new IllegalStateException("not started");
    }
    return server;
  }

  @Override
  Database database() throws Exception {
    Database made = database;
    if (made == null) {
      made = server().database("store" + count++);
      database = made;
    }
    return made;
  }

  @Test
  void write_whileTheServerCrashes_isMadeOnce_whenItIsBack() throws Exception {
    List<CompletableFuture<String>> futures = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 200; j++) {
        String name = i + "." + j;
        futures.add(store().write(handle -> addUser(handle, name)));
      }
      futures.getLast().join();
      for (int j = 200; j < 400; j++) {
        String name = i + "." + j;
        futures.add(store().write(handle -> addUser(handle, name)));
      }
      server().kill();
      server().start(List.of());
    }
    futures.forEach(CompletableFuture::join);
    assertThat(users()).hasSize(1200);
  }

  @Test
  void write_whoseCommitHasNoAnswer_isMadeOnce() throws Exception {
    Database.PostgreSql direct = (Database.PostgreSql) database();
    store().close();
    try (LostAnswer proxy = new LostAnswer(server().port());
        Store behind =
            Store.open(
                new Database.PostgreSql(
                    direct.url().replace(":" + server().port(), ":" + proxy.port()),
                    direct.user(),
                    direct.password()))) {
      List<Long> told = Collections.synchronizedList(new ArrayList<>());
      behind.observe(commit -> told.addAll(commit.jobs()));
      List<Long> submitted = new ArrayList<>();
      proxy.lose(3);
      for (int i = 0; i < 5; i++) {
        String name = String.valueOf(i);
        submitted.add(behind.write(handle -> submit(handle, addUser(handle, name))).join());
      }
      assertThat(told).isEqualTo(submitted);
      assertThat(proxy.left()).isZero();
    }
    openAgain();
    assertThat(users()).containsExactly("0", "1", "2", "3", "4");
  }

  private static long submit(Handle handle, String owner) {
    return new Submissions(handle)
        .submit(OnEachDatabase.submission(owner, OnEachDatabase.job("a")), OnEachDatabase.ADA)
        .getFirst()
        .number();
  }

  @Test
  void read_whileTheServerIsAway_fails_andWorksAgain() throws Exception {
    store().write(handle -> addUser(handle, "ada")).join();
    server().kill();
    assertThatThrownBy(this::users)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("The database cannot be read");
    server().start(List.of());
    assertThat(users()).containsExactly("ada");
  }

  @Test
  void close_whileTheServerIsAway_endsWithTheChangesUnmade() throws Exception {
    server().kill();
    CompletableFuture<String> waiting = store().write(handle -> addUser(handle, "ada"));
    store().close();
    assertThatThrownBy(waiting::join)
        .hasCauseInstanceOf(StoreException.class)
        .hasMessageContaining("closed");
    server().start(List.of());
  }

  @Test
  void open_withoutAServer_isRefused() {
    assertThatThrownBy(() ->
            Store.open(new Database.PostgreSql("jdbc:postgresql://127.0.0.1:1/none", "x", "y")))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("cannot be used")
        .hasMessageNotContaining("password=");
  }

  @Test
  void open_ofAnotherKindOfAddress_isRefused() {
    assertThatThrownBy(() -> Store.open(new Database.PostgreSql("http://x", "x", "y")))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("write jdbc:postgresql://HOST:5432/DATABASE");
  }
}
