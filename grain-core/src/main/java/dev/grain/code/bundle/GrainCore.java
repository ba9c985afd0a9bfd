package dev.grain.code.bundle;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/** The file that these classes themselves come from. */
final class GrainCore {
  private static final String SUFFIX = ".class";

  private GrainCore() {}

  /**
   * Returns whether a jar or folder is Grain's own, with nothing else in it; a jar may have a
   * user's classes together with these.
   */
  static boolean isIn(Path path) throws IOException {
    if (!path.equals(home())) {
      return false;
    }
    if (Files.isDirectory(path)) {
      try (Stream<Path> files = Files.walk(path)) {
        return files.map(file -> path.relativize(file).toString()).allMatch(GrainCore::isOwn);
      }
    }
    try (ZipFile jar = new ZipFile(path.toFile())) {
      return jar.stream().map(ZipEntry::getName).allMatch(GrainCore::isOwn);
    }
  }

  private static @Nullable Path home() throws IOException {
    CodeSource source = GrainCore.class.getProtectionDomain().getCodeSource();
    URL location = source == null ? null : source.getLocation();
    if (location == null || !location.getProtocol().equals("file")) {
      return null;
    }
    try {
      return Path.of(location.toURI()).toRealPath();
    } catch (URISyntaxException | IllegalArgumentException e) {
      return null;
    }
  }

  private static boolean isOwn(String file) {
    if (!file.endsWith(SUFFIX) || file.equals("module-info.class")) {
      return true;
    }
    String name =
        file.substring(0, file.length() - SUFFIX.length()).replace('\\', '/').replace('/', '.');
    return SharedPackages.GRAIN.contains(SharedPackages.packageOf(name));
  }
}
