package dev.grain.service;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The folder of a head, which one process at a time has: it holds a lock on the file {@code
 * head.pid}, in which its number is. While it serves, {@code https.url} says where, so that
 * commands of the same user find it.
 */
final class DataFolder implements AutoCloseable {
  private static final String FILE = "head.pid";

  private static final String URL = "https.url";
  private static final String WIRE = "wire.address";

  private final Path folder;
  private final FileChannel file;

  private DataFolder(Path folder, FileChannel file) {
    this.folder = folder;
    this.file = file;
  }

  /**
   * Takes the folder, which is made if it does not exist.
   *
   * @throws HeadException if another process has it, or it cannot be used
   */
  static DataFolder take(Path folder) {
    FileChannel file = null;
    try {
      Files.createDirectories(folder);
      file =
          FileChannel.open(
              folder.resolve(FILE),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      if (lock(file) == null) {
        OptionalLong pid = read(file);
        file.close();
        throw new HeadException(
            "The head%s uses the folder %s already. Stop it by 'grain head stop', or give this one another folder."
                .formatted(pid.isPresent() ? " with the process " + pid.getAsLong() : "", folder));
      }
      byte[] text = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.UTF_8);
      file.truncate(0);
      file.write(ByteBuffer.wrap(text), 0);
      return new DataFolder(folder, file);
    } catch (IOException e) {
      close(file);
      throw new HeadException(
          "The folder %s cannot be used: %s. Give this user a folder that it can write, by 'data' in head.yaml."
              .formatted(folder, e.getMessage()),
          e);
    }
  }

  private static @Nullable FileLock lock(FileChannel file) throws IOException {
    try {
      return file.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static void close(@Nullable FileChannel file) {
    try {
      if (file != null) {
        file.close();
      }
    } catch (IOException e) {
      // it was not used
    }
  }

  private static OptionalLong read(FileChannel file) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(32);
    file.read(text, 0);
    try {
      return OptionalLong.of(
          Long.parseLong(
              new String(text.array(), 0, text.position(), StandardCharsets.UTF_8).strip()));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /**
   * Returns the process of the head that has the folder; empty if there is none.
   *
   * @throws HeadException if that cannot be read
   */
  static OptionalLong holder(Path folder) {
    Path path = folder.resolve(FILE);
    if (Files.notExists(path)) {
      return OptionalLong.empty();
    }
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      // the lock ends with the channel
      return lock(file) == null ? read(file) : OptionalLong.empty();
    } catch (IOException e) {
      throw new HeadException("%s cannot be read: %s.".formatted(path, e.getMessage()), e);
    }
  }

  /** Writes down where the head is called on this machine, and where workers dial it. */
  void publish(String url, String wire) throws IOException {
    write(WIRE, wire);
    write(URL, url);
  }

  private void write(String name, String text) throws IOException {
    Path beside = folder.resolve(name + ".new");
    Files.writeString(beside, text + "\n");
    Files.move(beside, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Returns where workers dial the head that has the folder, and where it is called, as it has
   * published them; empty while it starts.
   */
  static List<String> published(Path folder) {
    try {
      return List.of(
          Files.readString(folder.resolve(WIRE)).strip(),
          Files.readString(folder.resolve(URL)).strip());
    } catch (IOException e) {
      return List.of();
    }
  }

  /** Gives the folder back. */
  @Override
  public void close() throws IOException {
    Files.deleteIfExists(folder.resolve(URL));
    Files.deleteIfExists(folder.resolve(WIRE));
    close(file);
  }
}
