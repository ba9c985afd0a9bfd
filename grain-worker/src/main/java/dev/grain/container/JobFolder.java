package dev.grain.container;

import dev.grain.bytes.Bytes;
import dev.grain.message.ContainerSetting;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * The folder of one job, which its container has as {@link #INSIDE}.
 *
 * @param path on the node
 */
record JobFolder(Path path) {
  /** Where the container has it. */
  static final String INSIDE = "/grain";

  private static final String INPUT = "input";
  private static final String RESULT = "result";

  /**
   * Makes one.
   *
   * @param parent may be entered by the worker only
   * @param input what is in the file for that; null for no file
   */
  static JobFolder make(Path parent, long number, @Nullable Bytes input) throws IOException {
    JobFolder made = new JobFolder(Files.createDirectory(parent.resolve(String.valueOf(number))));
    // whoever the user of the container is
    Files.setPosixFilePermissions(made.path, PosixFilePermissions.fromString("rwxrwxrwx"));
    if (input != null) {
      Path file = made.path.resolve(INPUT);
      try (OutputStream out = Files.newOutputStream(file)) {
        for (byte[] chunk : input.chunks()) {
          out.write(chunk);
        }
      }
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }
    return made;
  }

  static String inputInside() {
    return INSIDE + "/" + INPUT;
  }

  static String resultInside() {
    return INSIDE + "/" + RESULT;
  }

  /** Returns how the container has it, which may change what is in it. */
  ContainerSetting.Mount mount() {
    return new ContainerSetting.Mount(path.toString(), INSIDE, false);
  }

  /** Returns the file for the result on the node. */
  Path result() {
    return path.resolve(RESULT);
  }

  void delete() {
    delete(path);
  }

  /** Deletes a folder as far as this user may. */
  static void delete(Path folder) {
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path each, @Nullable IOException problem)
                throws IOException {
              Files.deleteIfExists(each);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      // a later worker tries again
    }
  }
}
