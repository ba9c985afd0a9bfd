package dev.grain.service.store;

import com.zaxxer.hikari.HikariDataSource;
import dev.grain.service.store.StoreException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteConfig.TransactionMode;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteException;

/**
 * Connections with a file of SQLite. A lock on a second file keeps other heads away.
 *
 * <p>The file has a write-ahead log, so that reading and writing do not wait for each other; but on
 * a file system of a network, whose memory maps machines do not share, a rollback journal.
 */
final class EmbeddedConnections implements Connections {
  private static final String FILE = "head.db";
  private static final String LOCK = "head.lock";

  /** The cache of each connection: the ends of all indexes that grow, and more. */
  private static final int CACHE_KIB = 16 * 1024;

  private static final List<String> NETWORKS =
      List.of("nfs", "cifs", "smb", "afs", "lustre", "gpfs", "beegfs", "ceph", "gluster", "fuse");

  private final FileChannel lock;
  private final DataSource writing;
  private final HikariDataSource reading;

  private EmbeddedConnections(FileChannel lock, DataSource writing, HikariDataSource reading) {
    this.lock = lock;
    this.writing = writing;
    this.reading = reading;
  }

  static EmbeddedConnections open(Database.Embedded database) {
    Path folder = database.folder();
    FileChannel lock = lock(folder);
    makePrivate(folder.resolve(FILE));
    String url = "jdbc:sqlite:" + folder.resolve(FILE).toAbsolutePath();
    boolean remote = isRemote(folder);
    SQLiteDataSource writing = new SQLiteDataSource(config(remote, TransactionMode.IMMEDIATE));
    writing.setUrl(url);
    return new EmbeddedConnections(
        lock, writing, Connections.pool(reading(folder.resolve(FILE), remote)));
  }

  private static SQLiteDataSource reading(Path file, boolean remote) {
    SQLiteConfig ofReaders = config(remote, TransactionMode.DEFERRED);
    ofReaders.setReadOnly(true);
    SQLiteDataSource reading = new SQLiteDataSource(ofReaders);
    reading.setUrl("jdbc:sqlite:" + file.toAbsolutePath());
    return reading;
  }

  /**
   * Returns connections that read, whether or not a head has the file.
   *
   * @throws StoreException if there is no such file
   */
  static DataSource reader(Database.Embedded database) {
    Path file = database.folder().resolve(FILE);
    if (Files.notExists(file)) {
      throw new StoreException(
          Kind.UNUSABLE,
          "There is no database of a head in the folder %s. Name the folder of one."
              .formatted(database.folder()));
    }
    return reading(file, isRemote(database.folder()));
  }

  private static FileChannel lock(Path folder) {
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              folder.resolve(LOCK),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock == null) {
        String owner = read(channel);
        channel.close();
        throw new StoreException(
            Kind.UNUSABLE,
            "Another head%s uses the folder %s. Stop it, or give this one a folder of its own."
                .formatted(owner.isBlank() ? "" : ", process " + owner.strip() + ",", folder));
      }
      channel.truncate(0);
      channel.write(
          ByteBuffer.wrap(
              String.valueOf(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)),
          0);
      return channel;
    } catch (IOException e) {
      closeQuietly(channel);
      throw new StoreException(
          Kind.UNUSABLE,
          "The folder %s cannot be used for the data of a head: %s. It has to be a folder that can be written, and on a file system with locks."
              .formatted(folder, e.getMessage()),
          e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // this process has it
      return null;
    }
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(20);
    channel.read(buffer, 0);
    return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
  }

  private static void closeQuietly(@Nullable FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // it was not written
    }
  }

  /** Makes the file before the database does, as it has secrets. Its log gets the same rights. */
  static void makePrivate(Path file) {
    try {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } catch (FileAlreadyExistsException | UnsupportedOperationException e) {
      // it has its rights, or such a file system has its own ways
    } catch (IOException e) {
      throw new StoreException(
          Kind.UNUSABLE, "The file %s cannot be written: %s.".formatted(file, e.getMessage()), e);
    }
  }

  private static boolean isRemote(Path folder) {
    try {
      String type = Files.getFileStore(folder).type().toLowerCase(Locale.ROOT);
      return NETWORKS.stream().anyMatch(type::startsWith);
    } catch (IOException e) {
      throw new StoreException(
          Kind.UNUSABLE, "The folder %s cannot be used: %s.".formatted(folder, e.getMessage()), e);
    }
  }

  private static SQLiteConfig config(boolean remote, TransactionMode mode) {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(remote ? JournalMode.DELETE : JournalMode.WAL);
    config.setSynchronous(SynchronousMode.FULL);
    config.setTransactionMode(mode);
    config.enforceForeignKeys(true);
    config.setBusyTimeout((int) PATIENCE.toMillis());
    // a negative number is one of KiB
    config.setCacheSize(-CACHE_KIB);
    return config;
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
    return Map.of(
        "bytes", "BLOB",
        "clustered", " WITHOUT ROWID",
        "key", "INTEGER PRIMARY KEY",
        "real", "REAL",
        "serial", "INTEGER PRIMARY KEY AUTOINCREMENT",
        "text", "TEXT");
  }

  @Override
  public Handle open() {
    return Jdbi.open(writing);
  }

  @Override
  public @Nullable Kind kind(Throwable thrown) {
    return kindOf(thrown);
  }

  static @Nullable Kind kindOf(Throwable thrown) {
    for (Throwable each = thrown; each != null; each = each.getCause()) {
      if (each instanceof SQLiteException failed) {
        return kind(failed);
      }
    }
    return null;
  }

  private static @Nullable Kind kind(SQLiteException failed) {
    // the lowest byte of an extended code is the primary one
    return switch (failed.getResultCode().code & 0xff) {
      case 13 -> Kind.FULL;
      // busy, locked, an error of the disk, a file that cannot be opened
      case 5, 6, 10, 14 -> Kind.AWAY;
      // read-only, corrupt, not a database
      case 8, 11, 26 -> Kind.UNUSABLE;
      default -> null;
    };
  }

  @Override
  public void close() {
    reading.close();
    closeQuietly(lock);
  }
}
