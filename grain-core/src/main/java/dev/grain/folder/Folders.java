package dev.grain.folder;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * Removes folders with all that is in them, of which others may remove something at the same time.
 * Links are removed, and not followed. What cannot be removed does not keep the rest.
 */
public final class Folders {
  private Folders() {}

  /**
   * Removes a folder; one that does not exist is fine.
   *
   * @throws IOException the first problem, if something is left
   */
  public static void delete(Path folder) throws IOException {
    Deletion deletion = new Deletion();
    Files.walkFileTree(folder, deletion);
    deletion.end();
  }

  /** Removes a folder as far as that is possible. */
  public static void deleteQuietly(Path folder) {
    try {
      delete(folder);
    } catch (IOException e) {
      // the rest stays
    }
  }

  /**
   * Removes what is in a folder; the folder stays.
   *
   * @throws IOException the first problem, if something is left
   */
  public static void clear(Path folder) throws IOException {
    clear(folder, _ -> true);
  }

  /** Removes that of a folder which a filter accepts. */
  static void clear(Path folder, DirectoryStream.Filter<Path> which) throws IOException {
    Deletion deletion = new Deletion();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, which)) {
      for (Path each : all) {
        Files.walkFileTree(each, deletion);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    deletion.end();
  }

  private static final class Deletion extends SimpleFileVisitor<Path> {
    private @Nullable IOException problem;

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
      if (!Files.isWritable(folder) || !Files.isExecutable(folder)) {
        open(folder);
      }
      return FileVisitResult.CONTINUE;
    }

    /** A folder that its owner may not change or enter keeps its files. */
    private static void open(Path folder) {
      try {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
      } catch (IOException | UnsupportedOperationException e) {
        // shows when something of it is removed
      }
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      remove(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
      // a folder that its owner may not read does not get further than here
      if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS) && !Files.isReadable(file)) {
        open(file);
        if (Files.isReadable(file)) {
          Files.walkFileTree(file, this);
          return FileVisitResult.CONTINUE;
        }
      }
      note(e);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) {
      if (e != null) {
        note(e);
      }
      remove(folder);
      return FileVisitResult.CONTINUE;
    }

    private void remove(Path path) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        note(e);
      }
    }

    private void note(IOException e) {
      if (problem == null && !(e instanceof NoSuchFileException)) {
        problem = e;
      }
    }

    void end() throws IOException {
      if (problem != null) {
        throw problem;
      }
    }
  }
}
