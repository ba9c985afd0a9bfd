package dev.grain.code.bundle;

import java.io.IOException;
import java.net.URL;
import java.security.CodeSource;
import org.jspecify.annotations.Nullable;

/** The file that these classes themselves come from. */
final class GrainCore {
  private static final String SUFFIX = ".class";

  private GrainCore() {}

  /**
   * Returns whether a jar or folder is Grain's own, with nothing else in it; a jar may have a
   * user's classes together with these.
   */
  static boolean isIn(ClassPathEntry entry) throws IOException {
    return entry.equals(home()) && entry.names().stream().allMatch(GrainCore::isOwn);
  }

  private static @Nullable ClassPathEntry home() throws IOException {
    CodeSource source = GrainCore.class.getProtectionDomain().getCodeSource();
    URL location = source == null ? null : source.getLocation();
    try {
      ClassPathEntry home = location == null ? null : ClassPathEntry.at(location);
      return home == null ? null : home.real();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static boolean isOwn(String file) {
    if (!file.endsWith(SUFFIX) || file.equals("module-info.class")) {
      return true;
    }
    String name = file.substring(0, file.length() - SUFFIX.length()).replace('/', '.');
    return SharedPackages.GRAIN.contains(SharedPackages.packageOf(name));
  }
}
