package dev.grain.git;

import dev.grain.node.prepare.PreparationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A folder within a repository. */
final class PathInRepo {
  private static final int SHOWN = 10;

  private final String written;
  private final List<String> names;

  private PathInRepo(String written, List<String> names) {
    this.written = written;
    this.names = names;
  }

  /** Reads one; it must not lead out of any repository. */
  static PathInRepo of(String written) throws PreparationException {
    List<String> names = new ArrayList<>();
    for (String name : written.split("/", -1)) {
      if (name.equals("..") || name.indexOf('\0') >= 0) {
        throw outside(written);
      }
      if (!name.isEmpty() && !name.equals(".")) {
        names.add(name);
      }
    }
    if (written.startsWith("/") || written.contains("\\")) {
      throw outside(written);
    }
    return new PathInRepo(written, names);
  }

  private static PreparationException outside(String written) {
    return PreparationException.everywhere(
        "The path %s is outside of the repository. Write a relative path within it, with / and without .."
            .formatted(written));
  }

  /** Finds the folder in a checkout; links within the repository are followed. */
  Path find(Path checkout, GitSource source) throws PreparationException {
    Path folder = checkout;
    Path real;
    try {
      Path root = checkout.toRealPath();
      for (String name : names) {
        Path next = folder.resolve(name);
        if (!next.toAbsolutePath().normalize().startsWith(checkout.toAbsolutePath().normalize())
            || (Files.exists(next) && !next.toRealPath().startsWith(root))
            || (Files.isSymbolicLink(next) && leadsOut(next, root))) {
          throw outside(written);
        }
        if (!Files.exists(next)) {
          throw PreparationException.everywhere(
              "There is no %s in %s. %s has %s."
                  .formatted(
                      written,
                      new GitSource(source.url(), source.commit(), ""),
                      folder.equals(checkout) ? "Its root" : checkout.relativize(folder),
                      list(folder)));
        }
        folder = next;
      }
      real = checkout.resolve(root.relativize(folder.toRealPath()));
    } catch (IOException e) {
      throw PreparationException.here("The checkout %s cannot be read (%s).".formatted(folder, e));
    }
    if (!Files.isDirectory(real)) {
      throw PreparationException.everywhere(
          "%s in %s is a file. Name the folder that it is in."
              .formatted(written, new GitSource(source.url(), source.commit(), "")));
    }
    return real;
  }

  private static boolean leadsOut(Path link, Path root) throws IOException {
    Path folder = link.toRealPath(LinkOption.NOFOLLOW_LINKS).getParent();
    return folder == null
        || !folder.resolve(Files.readSymbolicLink(link)).normalize().startsWith(root);
  }

  private static String list(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      List<String> names = all.map(each -> each.getFileName().toString()).sorted().toList();
      if (names.isEmpty()) {
        return "nothing";
      }
      int others = names.size() - SHOWN;
      return String.join(", ", names.subList(0, Math.min(SHOWN, names.size())))
          + (others > 0 ? ", and %s others".formatted(others) : "");
    }
  }
}
