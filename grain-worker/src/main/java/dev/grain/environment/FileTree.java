package dev.grain.environment;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** A folder with all that is in it, but for what git keeps beside the files; or one file. */
final class FileTree {
  private static final Path GIT = Path.of(".git");

  private FileTree() {}

  /** Returns all paths, links not followed, in an order that is the same on every machine. */
  static List<Path> list(Path root) throws IOException {
    List<Path> all = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            if (GIT.equals(folder.getFileName())) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            all.add(folder);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (!GIT.equals(file.getFileName())) {
              all.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    all.sort(Comparator.comparing(each -> name(root, each)));
    return all;
  }

  /** Returns the path below the root, with slashes. */
  static String name(Path root, Path path) {
    return StreamSupport.stream(root.relativize(path).spliterator(), false)
        .map(Path::toString)
        .collect(Collectors.joining("/"));
  }

  /** Copies what {@link #list} returns; what is there already stays. */
  static void copy(Path from, Path to) throws IOException, InterruptedException {
    for (Path each : list(from)) {
      ensureNotInterrupted();
      Path copy = to.resolve(from.relativize(each).toString());
      if (Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectories(copy);
      } else if (Files.notExists(copy, LinkOption.NOFOLLOW_LINKS)
          && (Files.isRegularFile(each) || Files.isSymbolicLink(each))) {
        Files.createDirectories(parent(copy));
        Files.copy(each, copy, LinkOption.NOFOLLOW_LINKS, StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  static Path parent(Path path) {
    Path parent = path.getParent();
    return parent == null ? path : parent;
  }

  static void ensureNotInterrupted() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }
}
