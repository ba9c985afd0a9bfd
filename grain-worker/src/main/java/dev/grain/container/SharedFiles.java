package dev.grain.container;

import dev.grain.message.ContainerSetting.Mount;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The files of this machine that a JVM in a container has. Its user may be another one than that of
 * the worker; files that this user may not read are copied. Not safe for use by several threads.
 */
final class SharedFiles {
  private static final String INSIDE = "/grain-code";
  private static final String COPIES = "copies";
  private static final Set<PosixFilePermission> FOLDER =
      PosixFilePermissions.fromString("rwxr-xr-x");
  private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-r--r--");
  private static final Set<PosixFilePermission> OPEN_FOLDER =
      PosixFilePermissions.fromString("rwxrwxrwx");
  private static final Set<PosixFilePermission> OPEN_FILE =
      PosixFilePermissions.fromString("rw-rw-rw-");

  private final Path folder;
  private final boolean isOfAnother;
  // where the container has them, by where they are here
  private final Map<Path, Mount> mounts = new LinkedHashMap<>();

  /**
   * Makes one without files.
   *
   * @param folder what the JVM shares with the worker, in one that only the worker may enter
   * @param user who runs the JVM
   */
  SharedFiles(Path folder, String user) throws IOException {
    this.folder = folder;
    this.isOfAnother = !user.equals(ContainerUser.own(folder));
  }

  /** Returns where the container has a file or folder, which it cannot change. */
  Path of(Path file) throws IOException {
    Mount mount = mounts.get(file);
    if (mount == null) {
      String name = String.valueOf(file.getFileName());
      mount = new Mount(readable(file).toString(), INSIDE + "/" + mounts.size() + "/" + name, true);
      mounts.put(file, mount);
    }
    return Path.of(mount.container());
  }

  List<Mount> mounts() {
    return List.copyOf(mounts.values());
  }

  private Path readable(Path wanted) throws IOException {
    if (!isOfAnother) {
      return wanted;
    }
    Path file = wanted.toRealPath();
    if (isReadable(file)) {
      return wanted;
    }
    Path copies = folder.resolveSibling(COPIES);
    Files.createDirectories(copies);
    Path copy = copies.resolve(mounts.size() + "-" + wanted.getFileName());
    copy(file, copy);
    return copy;
  }

  private static boolean isReadable(Path file) throws IOException {
    try (Stream<Path> all = Files.walk(file)) {
      for (Path each : (Iterable<Path>) all::iterator) {
        if (Files.isSymbolicLink(each)) {
          continue;
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(each);
        if (!permissions.contains(PosixFilePermission.OTHERS_READ)
            || (Files.isDirectory(each)
                && !permissions.contains(PosixFilePermission.OTHERS_EXECUTE))) {
          return false;
        }
      }
    }
    return true;
  }

  /** A link stays one: it must not bring what the folder does not contain into a container. */
  private static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes attributes)
              throws IOException {
            Files.setPosixFilePermissions(Files.createDirectory(there(each)), FOLDER);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path each, BasicFileAttributes attributes)
              throws IOException {
            Path copied = Files.copy(each, there(each), LinkOption.NOFOLLOW_LINKS);
            if (!attributes.isSymbolicLink()) {
              Files.setPosixFilePermissions(copied, FILE);
            }
            return FileVisitResult.CONTINUE;
          }

          private Path there(Path each) {
            return each.equals(from) ? to : to.resolve(from.relativize(each).toString());
          }
        });
  }

  /** Lets all users do with a folder, and all that is in it, what its owner may do. */
  static void openAll(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : (Iterable<Path>) all::iterator) {
        if (!Files.isSymbolicLink(each)) {
          String owner =
              PosixFilePermissions.toString(Files.getPosixFilePermissions(each)).substring(0, 3);
          Files.setPosixFilePermissions(each, PosixFilePermissions.fromString(owner.repeat(3)));
        }
      }
    }
  }

  /** Lets the user of the container use what is in the folder that the JVM shares. */
  void open() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      for (Path each : (Iterable<Path>) all::iterator) {
        Files.setPosixFilePermissions(each, OPEN_FILE);
      }
    }
    Files.setPosixFilePermissions(folder, OPEN_FOLDER);
  }
}
