package dev.grain.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A file with a secret, which its owner alone can read. */
final class PrivateFile {
  private static final FileAttribute<?> PRIVATE_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<?> PRIVATE_FOLDER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final Set<PosixFilePermission> OWNER =
      PosixFilePermissions.fromString("rwx------");

  private final Path path;

  PrivateFile(Path path) {
    this.path = path;
  }

  private static boolean isPosix(Path folder) {
    return folder.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  /**
   * Returns the text.
   *
   * @throws IOException if it cannot be read, or others can read it
   */
  String read() throws IOException {
    if (isPosix(path) && !OWNER.containsAll(Files.getPosixFilePermissions(path))) {
      throw new IOException(
          "%s has a token, and can be read by others. Revoke the token if they may have read it. Fix this: chmod 600 %s"
              .formatted(path, path));
    }
    return Files.readString(path);
  }

  /** Writes the text, all of it or nothing. */
  void write(String text) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException(path + " is a folder.");
    }
    boolean posix = isPosix(folder);
    Files.createDirectories(
        folder, posix ? new FileAttribute<?>[] {PRIVATE_FOLDER} : new FileAttribute<?>[0]);
    Path beside =
        Files.createTempFile(
            folder,
            ".grain",
            ".new",
            posix ? new FileAttribute<?>[] {PRIVATE_FILE} : new FileAttribute<?>[0]);
    try {
      Files.write(beside, text.getBytes(StandardCharsets.UTF_8));
      Files.move(beside, path, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(beside);
    }
  }
}
