package dev.grain.prepare;

import dev.grain.node.prepare.PreparationException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the jars and class folders in folders of code, in an order that depends on their names
 * alone. Where they may be is part of the contract of {@link dev.grain.Code}.
 */
final class CodeClassPath {
  private static final String JAR = ".jar";

  private static final List<String> JAR_FOLDERS = List.of("", "lib", "libs", "target/dependency");

  private CodeClassPath() {}

  /**
   * Returns the class path of functions.
   *
   * @param code folders, or jars
   * @throws PreparationException if a folder cannot be read
   */
  static List<Path> of(List<Path> code) throws PreparationException {
    List<Path> classPath = new ArrayList<>();
    for (Path each : code) {
      try {
        add(each.toAbsolutePath().normalize(), classPath);
      } catch (IOException e) {
        throw PreparationException.here(
            "The code in %s cannot be read (%s). Correct its permissions.".formatted(each, e));
      }
    }
    return List.copyOf(classPath);
  }

  private static void add(Path code, List<Path> classPath) throws IOException {
    if (!Files.isDirectory(code)) {
      if (isJar(code)) {
        classPath.add(code);
      }
      return;
    }
    classPath.add(code);
    addFolder(code.resolve("classes"), classPath);
    addFolder(code.resolve("target/classes"), classPath);
    Path build = code.resolve("build");
    for (Path language : list(build.resolve("classes"))) {
      addFolder(language.resolve("main"), classPath);
    }
    addFolder(build.resolve("resources/main"), classPath);
    for (String each : JAR_FOLDERS) {
      list(code.resolve(each)).stream().filter(CodeClassPath::isJar).forEach(classPath::add);
    }
  }

  private static boolean isJar(Path file) {
    return file.toString().endsWith(JAR) && Files.isRegularFile(file);
  }

  private static void addFolder(Path folder, List<Path> classPath) {
    if (Files.isDirectory(folder)) {
      classPath.add(folder);
    }
  }

  /** Returns what is in a folder, by name; nothing if it is no folder. */
  private static List<Path> list(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> all = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder)) {
      found.forEach(all::add);
    }
    all.sort(null);
    return all;
  }
}
