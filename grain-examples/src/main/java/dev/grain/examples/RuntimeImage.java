package dev.grain.examples;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The class files of the JDK that runs this program, which the JDK shows as a file system. */
final class RuntimeImage {
  private static final Path MODULES =
      FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules");

  /**
   * A package in a module.
   *
   * @param module for example {@code java.base}
   * @param name for example {@code java.util.concurrent}
   * @param classes how many class files it has
   */
  record PackageIn(String module, String name, int classes) {}

  private RuntimeImage() {}

  /** Returns the names of all modules, in order of the alphabet. */
  static List<String> modules() throws IOException {
    try (Stream<Path> found = Files.list(MODULES)) {
      return found.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  /** Returns every package of the modules that has classes, those with the most classes first. */
  static List<PackageIn> packages(List<String> modules) throws IOException {
    List<PackageIn> packages = new ArrayList<>();
    for (String module : modules) {
      Path root = MODULES.resolve(module);
      List<Path> folders;
      try (Stream<Path> found = Files.walk(root)) {
        folders = found.filter(Predicate.not(root::equals)).filter(Files::isDirectory).toList();
      }
      for (Path folder : folders) {
        int classes = classFiles(folder).size();
        if (classes > 0) {
          packages.add(
              new PackageIn(module, root.relativize(folder).toString().replace('/', '.'), classes));
        }
      }
    }
    packages.sort(
        Comparator.comparingInt(PackageIn::classes)
            .reversed()
            .thenComparing(PackageIn::module)
            .thenComparing(PackageIn::name));
    return packages;
  }

  /** Returns the class files of a package, sorted by name. */
  static List<Path> classFiles(PackageIn where) throws IOException {
    return classFiles(MODULES.resolve(where.module()).resolve(where.name().replace('.', '/')));
  }

  private static List<Path> classFiles(Path folder) throws IOException {
    try (Stream<Path> found = Files.list(folder)) {
      return found.filter(path -> path.toString().endsWith(".class")).sorted().toList();
    }
  }
}
