package dev.grain.code.bundle;

import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ResolvedModule;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * The jars and folders that the classes of a loader and of its parents come from, in the order in
 * which they are searched. What the JVM passes over without a word is passed over here: what does
 * not exist, and what is no jar.
 */
final class ClassPath {
  private static final String WILDCARD = "*";

  /** What a loader that has resources overrides. */
  private static final Set<String> FINDERS =
      Set.of("findResource", "findResources", "getResource", "getResources", "getResourceAsStream");

  private final SequencedSet<ClassPathEntry> entries = new LinkedHashSet<>();
  private final Map<Path, SortedSet<String>> jarsWithin = new HashMap<>();
  private final SequencedSet<String> unknown = new LinkedHashSet<>();
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
          found.addUrl(url);
        }
      } else if (hasResources(each.getClass())) {
        found.unknown.add("the class loader " + each.getClass().getName());
      }
    }
    return found;
  }

  private static boolean hasResources(Class<?> loader) {
    if (isJdk(loader.getModule())) {
      return false; // those of jshell and of source files have classes only
    }
    for (Class<?> each = loader; !isJdk(each.getModule()); each = each.getSuperclass()) {
      if (Stream.of(each.getDeclaredMethods()).map(Method::getName).anyMatch(FINDERS::contains)) {
        return true;
      }
    }
    return false;
  }

  static boolean isJdk(Module module) {
    return module.isNamed() && isJdk(module.getName());
  }

  /** Returns whether a module is one of the JDK's. */
  static boolean isJdk(String module) {
    return module.startsWith("java.") || module.startsWith("jdk.");
  }

  /** Returns the jars and folders, with their real paths. */
  SequencedSet<ClassPathEntry> entries() {
    return Collections.unmodifiableSequencedSet(entries);
  }

  /** Returns the whole jars on the disk. */
  Set<Path> jars() {
    return entries.stream()
        .filter(each -> !each.isNested() && !Files.isDirectory(each.file()))
        .map(ClassPathEntry::file)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Returns the names of those jars within a jar that are entries themselves. */
  SortedSet<String> jarsWithin(Path jar) {
    return Collections.unmodifiableSortedSet(jarsWithin.getOrDefault(jar, new TreeSet<>()));
  }

  /** Returns, in words, the places where loaders may find more than is in the entries. */
  SequencedSet<String> unknown() {
    return Collections.unmodifiableSequencedSet(unknown);
  }

  /** Returns the providers that modules declare, for each service. */
  SortedMap<String, List<String>> services() {
    return services;
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

  private void addUrl(URL url) throws IOException {
    try {
      ClassPathEntry entry = ClassPathEntry.at(url);
      if (entry == null || entry.isNestedTwice()) {
        unknown.add(url.toString());
      } else if (entry.isNested()) {
        addNested(entry);
      } else {
        add(entry.file());
      }
    } catch (IllegalArgumentException e) {
      // no loader finds anything there
    }
  }

  private void addNested(ClassPathEntry nested) throws IOException {
    if (!Files.isRegularFile(nested.file())) {
      return;
    }
    ClassPathEntry real = nested.real();
    try (ZipFile jar = new ZipFile(real.file().toFile())) {
      ZipEntry found = jar.getEntry(real.within());
      if (found != null && !found.isDirectory()) {
        entries.add(real);
        jarsWithin.computeIfAbsent(real.file(), _ -> new TreeSet<>()).add(real.within());
      } else if (jar.stream().anyMatch(each -> each.getName().startsWith(real.within() + "/"))) {
        entries.add(real);
      }
    } catch (ZipException e) {
      // the JVM passes over it as well
    }
  }

  private void add(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    Path real = path.toRealPath();
    ClassPathEntry entry = ClassPathEntry.of(real);
    if (!entries.add(entry) || Files.isDirectory(real)) {
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
      entries.remove(entry);
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
      URI uri = jar.toUri().resolve(element);
      if ("file".equals(uri.getScheme())) {
        add(Path.of(uri)); // the JVM passes over all others
      }
    } catch (IllegalArgumentException e) {
      // the JVM passes over it as well
    }
  }
}
