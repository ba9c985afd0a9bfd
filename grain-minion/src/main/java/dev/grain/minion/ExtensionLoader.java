package dev.grain.minion;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Loads an extension from the jars of a folder, apart from other extensions, so that the libraries
 * of their vendors never meet. Its own jars come first; what they do not have, and Grain and its
 * log, comes from the program.
 */
final class ExtensionLoader extends URLClassLoader {
  static {
    registerAsParallelCapable();
  }

  private ExtensionLoader(Path folder, URL[] jars, ClassLoader program) {
    super("extension " + folder.getFileName(), jars, program);
  }

  /**
   * Returns the folders of the extensions.
   *
   * @param folder where they are; there need not be such a folder
   */
  static List<Path> folders(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> each = Files.list(folder)) {
      return each.filter(Files::isDirectory).sorted().toList();
    }
  }

  /**
   * Makes the loader of an extension.
   *
   * @param folder the folder with its jars
   * @param program the loader of Grain's classes
   */
  static ExtensionLoader of(Path folder, ClassLoader program) throws IOException {
    List<URL> jars = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.jar")) {
      for (Path each : files) {
        jars.add(url(each));
      }
    }
    return new ExtensionLoader(folder, jars.toArray(URL[]::new), program);
  }

  private static URL url(Path jar) throws IOException {
    try {
      return jar.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IOException(jar.toString(), e);
    }
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      if (loaded == null) {
        loaded = name.startsWith("java.") || isShared(name) ? null : findOwn(name);
      }
      return loaded == null ? super.loadClass(name, resolve) : loaded;
    }
  }

  /** Returns whether a class must be the program's, as both sides use it. */
  private static boolean isShared(String name) {
    return name.startsWith("dev.grain.") || name.startsWith("org.slf4j.");
  }

  private @Nullable Class<?> findOwn(String name) {
    try {
      return findClass(name);
    } catch (ClassNotFoundException e) {
      return null;
    }
  }

  @Override
  public @Nullable URL getResource(String name) {
    URL own = findResource(name);
    return own == null ? super.getResource(name) : own;
  }

  @Override
  public Enumeration<URL> getResources(String name) throws IOException {
    Enumeration<URL> own = findResources(name);
    return own.hasMoreElements() ? own : super.getResources(name);
  }
}
