package dev.grain.code.bundle;

import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ResolvedModule;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * The jars and folders that the classes of a loader and of its parents come from, in the order in
 * which they are searched. What the JVM passes over without a word is passed over here: what does
 * not exist, and what is no jar.
 */
final class ClassPath {
  private static final String WILDCARD = "*";
  private static final String JAR_PREFIX = "jar:";
  private static final String JAR_SEPARATOR = "!/";

  private final SequencedSet<Path> files = new LinkedHashSet<>();
  private final SortedMap<String, List<String>> services = new TreeMap<>();

  private ClassPath() {}

  /** Finds the files of a loader. */
  static ClassPath of(@Nullable ClassLoader program) throws IOException {
    ClassPath found = new ClassPath();
    List<ClassLoader> loaders = new ArrayList<>();
    for (ClassLoader each = program; each != null; each = each.getParent()) {
      loaders.add(each);
    }
    for (ClassLoader each : loaders.reversed()) {
      if (each.equals(ClassLoader.getSystemClassLoader())) {
        found.addModules();
        found.addClassPath();
      } else if (each instanceof URLClassLoader loader) {
        for (URL url : loader.getURLs()) {
          found.addIfFile(url);
        }
      }
    }
    return found;
  }

  /** Returns the real paths of the jars and folders. */
  SequencedSet<Path> files() {
    return Collections.unmodifiableSequencedSet(files);
  }

  /** Returns the providers that modules declare, for each service. */
  SortedMap<String, List<String>> services() {
    return services;
  }

  /**
   * Returns the real path of the file or folder that a resource is in, or null if it is in none.
   */
  static @Nullable Path holderOf(URL resource, String name) {
    String text = resource.toString();
    try {
      if (text.startsWith(JAR_PREFIX)) {
        return pathOf(URI.create(withoutJar(text)));
      }
      if (resource.getProtocol().equals("file")) {
        Path file = Path.of(resource.toURI());
        Path folder = file.getRoot().resolve(file.subpath(0, file.getNameCount() - depth(name)));
        return folder.toRealPath();
      }
      return null;
    } catch (IOException | URISyntaxException | IllegalArgumentException e) {
      return null;
    }
  }

  private static int depth(String name) {
    return (int) name.chars().filter(c -> c == '/').count() + 1;
  }

  private static String withoutJar(String url) {
    int end = url.indexOf(JAR_SEPARATOR);
    return url.substring(JAR_PREFIX.length(), end < 0 ? url.length() : end);
  }

  private static @Nullable Path pathOf(URI uri) throws IOException {
    return "file".equals(uri.getScheme()) ? Path.of(uri).toRealPath() : null;
  }

  private void addModules() throws IOException {
    List<ResolvedModule> modules =
        ModuleLayer.boot().configuration().modules().stream()
            .sorted(Comparator.comparing(ResolvedModule::name))
            .toList();
    for (ResolvedModule each : modules) {
      URI location = each.reference().location().orElse(null);
      if (location == null || !"file".equals(location.getScheme())) {
        continue;
      }
      add(Path.of(location));
      for (ModuleDescriptor.Provides provides : each.reference().descriptor().provides()) {
        services
            .computeIfAbsent(provides.service(), _ -> new ArrayList<>())
            .addAll(provides.providers());
      }
    }
  }

  private void addClassPath() throws IOException {
    String path = System.getProperty("java.class.path", "");
    if (path.isEmpty() && System.getProperty("jdk.module.main") != null) {
      return; // a program that was started as a module has no class path unless it names one
    }
    for (String each : path.split(File.pathSeparator, -1)) {
      addElement(each);
    }
  }

  private void addElement(String element) throws IOException {
    try {
      if (element.equals(WILDCARD) || element.endsWith(File.separator + WILDCARD)) {
        addJarsOf(Path.of(element.substring(0, element.length() - WILDCARD.length())));
      } else {
        add(Path.of(element)); // an empty element is the current folder
      }
    } catch (InvalidPathException e) {
      // the JVM passes over it as well
    }
  }

  private void addJarsOf(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    List<Path> jars = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, "*.{jar,JAR}")) {
      stream.forEach(jars::add);
    }
    Collections.sort(jars);
    for (Path each : jars) {
      add(each);
    }
  }

  private void addIfFile(URL url) throws IOException {
    String text = url.toString();
    try {
      URI uri = URI.create(text.startsWith(JAR_PREFIX) ? withoutJar(text) : text);
      if ("file".equals(uri.getScheme())) {
        add(Path.of(uri));
      }
    } catch (IllegalArgumentException e) {
      // no loader finds anything there
    }
  }

  private void add(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    Path real = path.toRealPath();
    if (!files.add(real) || Files.isDirectory(real)) {
      return;
    }
    String classPath;
    try (JarFile jar = new JarFile(real.toFile())) {
      Manifest manifest = jar.getManifest();
      classPath =
          manifest == null
              ? null
              : manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
    } catch (ZipException e) {
      files.remove(real);
      return;
    }
    if (classPath != null) {
      for (String each : classPath.trim().split("\\s+", -1)) {
        addRelative(real, each);
      }
    }
  }

  private void addRelative(Path jar, String element) throws IOException {
    try {
      addIfFile(jar.toUri().resolve(element).toURL());
    } catch (MalformedURLException | IllegalArgumentException e) {
      // the JVM passes over it as well
    }
  }
}
