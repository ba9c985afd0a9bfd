package dev.grain.shipping;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import javax.tools.ToolProvider;

/** Compiles and packs programs as their users do. */
public final class Building {
  private static final List<String> LIBRARIES =
      List.of("kryo", "objenesis", "minlog", "reflectasm", "netty-", "jspecify");

  private Building() {}

  /** Returns a file of the resources of these tests. */
  public static Path resource(String name) {
    try {
      URL found = Building.class.getResource("/shipping/" + name);
      assertThat(found).as(name).isNotNull();
      return Path.of(found.toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** Returns the classes of Grain. */
  public static Path grain() throws URISyntaxException {
    URL location = dev.grain.Grain.class.getProtectionDomain().getCodeSource().getLocation();
    return Path.of(location.toURI());
  }

  /** Returns the jars that Grain needs. */
  public static List<Path> libraries() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .map(Path::of)
        .filter(path -> LIBRARIES.stream().anyMatch(path.getFileName().toString()::startsWith))
        .toList();
  }

  /** Compiles sources, with a class path. */
  public static Path compile(Path target, List<Path> classPath, Path... sources)
      throws IOException {
    Files.createDirectories(target);
    compile(
        List.of("-cp", join(classPath), "-d", target.toString()),
        Arrays.stream(sources).map(Path::toString).toList());
    return target;
  }

  /** Compiles with these options. */
  public static void compile(List<String> options, List<String> sources) {
    List<String> arguments = new ArrayList<>(options);
    arguments.addAll(List.of("-proc:none", "-nowarn"));
    arguments.addAll(sources);
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    assertThat(result).isZero();
  }

  /** Writes one source file in the default way and compiles it against Grain. */
  public static Path compile(Path target, String className, String source) throws Exception {
    Path file = target.resolveSibling(target.getFileName() + "-source");
    file = file.resolve(className.replace('.', '/') + ".java");
    Files.createDirectories(file.getParent());
    Files.writeString(file, source);
    return compile(target, List.of(grain()), file);
  }

  /** Returns a class path or module path. */
  public static String join(List<Path> paths) {
    return paths.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  /** Packs folders and jars into one jar; of files with the same name it has the first. */
  public static Path jar(Path target, Manifest manifest, List<Path> contents) throws IOException {
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    Set<String> names = new LinkedHashSet<>(Set.of(JarFile.MANIFEST_NAME, "module-info.class"));
    try (OutputStream file = Files.newOutputStream(target);
        JarOutputStream jar = new JarOutputStream(file, manifest)) {
      for (Path each : contents) {
        if (Files.isDirectory(each)) {
          addFolder(each, "", jar, names);
        } else {
          addJar(each, jar, names);
        }
      }
    }
    return target;
  }

  private static void addFolder(Path folder, String prefix, JarOutputStream jar, Set<String> names)
      throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(each -> !each.equals(folder)).toList()) {
        boolean isFolder = Files.isDirectory(file);
        String name = prefix + folder.relativize(file) + (isFolder ? "/" : "");
        if (names.add(name)) {
          jar.putNextEntry(new JarEntry(name));
          if (!isFolder) {
            Files.copy(file, jar);
          }
        }
      }
    }
  }

  private static void addJar(Path source, JarOutputStream jar, Set<String> names)
      throws IOException {
    try (JarFile file = new JarFile(source.toFile())) {
      for (JarEntry each : file.stream().filter(each -> !each.isDirectory()).toList()) {
        if (names.add(each.getName())) {
          jar.putNextEntry(new JarEntry(each.getName()));
          file.getInputStream(each).transferTo(jar);
        }
      }
    }
  }

  /**
   * Packs a program as Spring Boot does.
   *
   * @param manifest names the launcher and the main class
   * @param loader the name that the jar of Spring Boot's loader starts with
   * @param root where classes and jars are put: BOOT-INF or WEB-INF
   * @param classes the program's own folders
   * @param jars what it needs; folders are packed
   */
  public static Path bootJar(
      Path target,
      Manifest manifest,
      String loader,
      String root,
      List<Path> classes,
      List<Path> jars)
      throws IOException {
    Path content = Files.createDirectories(target.resolveSibling(target.getFileName() + "-parts"));
    Path lib = Files.createDirectories(content.resolve(root + "/lib"));
    for (Path each : jars) {
      Path jar = lib.resolve(each.getFileName() + (Files.isDirectory(each) ? ".jar" : ""));
      jar(jar, new Manifest(), List.of(each));
    }
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    Set<String> names = new LinkedHashSet<>(Set.of(JarFile.MANIFEST_NAME));
    try (OutputStream file = Files.newOutputStream(target);
        JarOutputStream jar = new JarOutputStream(file, manifest)) {
      jar.setLevel(0);
      addJar(onClassPath(loader), jar, names);
      for (String each : List.of(root + "/", root + "/classes/", root + "/lib/")) {
        jar.putNextEntry(new JarEntry(each));
      }
      for (Path each : classes) {
        addFolder(each, root + "/classes/", jar, names);
      }
      for (Path each : paths(lib)) {
        jar.putNextEntry(stored(root + "/lib/" + each.getFileName(), each));
        Files.copy(each, jar);
      }
    }
    return target;
  }

  private static Path onClassPath(String name) {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .map(Path::of)
        .filter(path -> path.getFileName().toString().startsWith(name))
        .findFirst()
        .orElseThrow();
  }

  private static List<Path> paths(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  private static JarEntry stored(String name, Path file) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(Files.readAllBytes(file));
    JarEntry entry = new JarEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(Files.size(file));
    entry.setCrc(crc.getValue());
    return entry;
  }

  /** Makes the library of the programs: a jar with a resource and a service. */
  public static Path library(Path folder) throws IOException {
    Path classes = compile(folder.resolve("library"), List.of(), resource("lib/Words.java"));
    Files.copy(resource("lib/words.txt"), classes.resolve("lib/words.txt"));
    Path services = Files.createDirectories(classes.resolve("META-INF/services"));
    Files.writeString(
        services.resolve("lib.Words$Speaker"), "lib.Words$Loud\n", StandardCharsets.UTF_8);
    return jar(folder.resolve("words-1.0.jar"), new Manifest(), List.of(classes));
  }

  /** Copies classes of these tests, with those nested in them, to a folder of their own. */
  public static Path copy(Path target, Class<?>... types) throws Exception {
    for (Class<?> type : types) {
      Path home =
          Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
              .resolve(type.getPackageName().replace('.', '/'));
      Path folder =
          Files.createDirectories(target.resolve(type.getPackageName().replace('.', '/')));
      try (Stream<Path> files = Files.list(home)) {
        for (Path file : files.toList()) {
          String name = file.getFileName().toString();
          if (name.equals(type.getSimpleName() + ".class")
              || name.startsWith(type.getSimpleName() + "$")) {
            Files.copy(file, folder.resolve(name));
          }
        }
      }
    }
    return target;
  }
}
