package dev.grain.service.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.grain.service.store.StoreException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store in a folder. */
final class EmbeddedStoreTest extends StoreContract {
  @TempDir private Path folder;

  @Override
  Database database() {
    return new Database.Embedded(folder);
  }

  @Test
  void write_onAFullDisk_isRefused_andWorksWhenThereIsSpace() {
    // SQLite's own limit of the file gives the same error as the disk
    long pages =
        store()
            .write(handle -> {
              long used = handle.createQuery("PRAGMA page_count").mapTo(Long.class).one();
              handle.execute("PRAGMA max_page_count = " + (used + 2));
              return used;
            })
            .join();
    assertThat(pages).isPositive();
    CompletableFuture<String> large = store().write(handle -> addUser(handle, "a".repeat(100_000)));
    assertThatThrownBy(large::join)
        .hasCauseInstanceOf(StoreException.class)
        .hasMessageContaining("The disk of the database is full")
        .cause()
        .extracting("kind")
        .isEqualTo(Kind.FULL);
    assertThat(users()).isEmpty();
    store().write(handle -> handle.execute("PRAGMA max_page_count = 1000000")).join();
    store().write(handle -> addUser(handle, "ada")).join();
    assertThat(users()).containsExactly("ada");
  }

  @Test
  void backup_isAStore_withWhatWasThereAtOneMoment() throws Exception {
    store().write(handle -> addUser(handle, "ada")).join();
    Path copy = Files.createDirectory(folder.resolve("copy"));
    Store.backup(database(), copy.resolve("head.db"));
    store().write(handle -> addUser(handle, "bob")).join();
    try (Store restored = Store.open(new Database.Embedded(copy))) {
      assertThat(restored.headId()).isEqualTo(store().headId());
      assertThat(Store.verify(new Database.Embedded(copy))).isEmpty();
      assertThat(
              restored
                  .<Long>read(handle ->
                      handle.createQuery("SELECT count(*) FROM users").mapTo(Long.class).one())
                  .longValue())
          .isEqualTo(1);
    }
    assertThatThrownBy(() -> Store.backup(database(), copy.resolve("head.db")))
        .hasMessageContaining("exists. Name one that does not.");
    assertThatThrownBy(() -> Store.backup(database(), folder.resolve("none/head.db")))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("cannot be written");
  }

  @Test
  void files_areThoseOfTheirOwnerOnly() throws Exception {
    assumeTrue(folder.getFileSystem().supportedFileAttributeViews().contains("posix"));
    store().write(handle -> addUser(handle, "ada")).join();
    Store.backup(database(), folder.resolve("copy.db"));
    for (String each : List.of("head.db", "head.db-wal", "copy.db")) {
      assertThat(Files.getPosixFilePermissions(folder.resolve(each)))
          .as(each)
          .containsExactlyInAnyOrder(
              PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    }
  }

  @Test
  void verify_findsDamage() throws Exception {
    store().write(handle -> addUser(handle, "ada".repeat(5000))).join();
    openAgain();
    store().close();
    Path file = folder.resolve("head.db");
    byte[] bytes = Files.readAllBytes(file);
    // all pages behind the schema
    Arrays.fill(bytes, bytes.length - 3 * 4096, bytes.length, (byte) 7);
    Files.write(file, bytes);
    openAgain();
    assertThat(Store.verify(database())).isNotEmpty();
  }

  @Test
  void open_ofAFileThatIsNoDatabase_isRefused() throws Exception {
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.writeString(
        other.resolve("head.db"), "not a database, but long enough for one\n".repeat(50));
    assertThatThrownBy(() -> Store.open(new Database.Embedded(other)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("cannot be used");
  }

  @Test
  void open_inAFolderThatDoesNotExist_isRefused() {
    assertThatThrownBy(() -> Store.open(new Database.Embedded(folder.resolve("none"))))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("cannot be used for the data of a head");
  }
}
