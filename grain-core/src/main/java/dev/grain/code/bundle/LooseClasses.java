package dev.grain.code.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.net.URL;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Classes that come from no file, as those of {@code java Main.java} and of jshell, with all such
 * classes that they refer to. Their bytes are asked of their loaders. Used by one thread.
 */
final class LooseClasses {
  private static final String SUFFIX = ".class";

  /** The names in descriptors and signatures. */
  private static final Pattern NAMES = Pattern.compile("L([\\p{javaJavaIdentifierPart}/]+)[;<]");

  private final BiPredicate<URL, String> hasFile;
  private final Deque<Reference> open = new ArrayDeque<>();
  private final Map<String, ClassLoader> seen = new HashMap<>();
  private final SortedMap<String, byte[]> files = new TreeMap<>();
  private final SortedMap<String, String> absent = new TreeMap<>();

  /** A class by the name that it has for a loader. */
  private record Reference(String name, ClassLoader loader) {}

  /**
   * Starts without classes.
   *
   * @param hasFile whether a resource, given its address and its name, is in the JDK or a file
   */
  LooseClasses(BiPredicate<URL, String> hasFile) {
    this.hasFile = hasFile;
  }

  /** Returns the address of the bytes of a class, or null if its loader does not give them. */
  static @Nullable URL addressOf(Class<?> type) {
    ClassLoader loader = type.getClassLoader();
    return loader == null ? null : loader.getResource(fileOf(type.getName()));
  }

  static String fileOf(String className) {
    return className.replace('.', '/') + SUFFIX;
  }

  /** Adds a class and all that it refers to. */
  void add(Class<?> type) throws IOException {
    open.add(new Reference(type.getName(), type.getClassLoader()));
    for (Reference next = open.poll(); next != null; next = open.poll()) {
      visit(next);
    }
  }

  /** Returns the bytes of the classes by the names of their files. */
  SortedMap<String, byte[]> files() {
    return files;
  }

  /** Returns the classes that the program has but whose bytes it does not have, and from where. */
  SortedMap<String, String> absent() {
    return absent;
  }

  private void visit(Reference reference) throws IOException {
    String name = reference.name;
    ClassLoader loader = reference.loader;
    String file = fileOf(name);
    ClassLoader before = seen.putIfAbsent(name, loader);
    if (loader.equals(before)) {
      return;
    }
    URL address = loader.getResource(file);
    if (address == null) {
      // some loaders make a class when it is asked for; its bytes are there afterwards
      Class<?> type = load(name, loader);
      ClassLoader definer = type == null ? null : type.getClassLoader();
      if (type == null || definer == null) {
        return;
      }
      address = definer.getResource(file);
      if (address == null) {
        absent.put(name, "made by " + definer.getClass().getName() + " while the program ran");
        return;
      }
    }
    if (hasFile.test(address, file)) {
      return;
    }
    byte[] bytes;
    try (InputStream in = address.openStream()) {
      bytes = in.readAllBytes();
    }
    byte[] same = files.putIfAbsent(file, bytes);
    if (same == null) {
      follow(bytes, loader);
    } else if (!Arrays.equals(same, bytes)) {
      throw new IOException(
          "there are two classes "
              + name
              + ", of "
              + before
              + " and of "
              + loader
              + "; a job can have one of them only");
    }
  }

  private static @Nullable Class<?> load(String name, ClassLoader loader) {
    try {
      return Class.forName(name, false, loader);
    } catch (ClassNotFoundException | LinkageError e) {
      return null; // a class may refer to what is not there, as long as it does not use it
    }
  }

  private void follow(byte[] bytes, ClassLoader loader) {
    for (String each : references(bytes)) {
      String name = each.replace('/', '.');
      String inPackage = SharedPackages.packageOf(name);
      if (!SharedPackages.isJdk(inPackage) && !SharedPackages.GRAIN.contains(inPackage)) {
        open.add(new Reference(name, loader));
      }
    }
  }

  /** Returns the names of the classes that a class refers to. */
  private static Set<String> references(byte[] bytes) {
    Set<String> names = new LinkedHashSet<>();
    for (PoolEntry each : ClassFile.of().parse(bytes).constantPool()) {
      if (each instanceof ClassEntry type && type.asInternalName().charAt(0) != '[') {
        names.add(type.asInternalName());
      } else if (each instanceof Utf8Entry text && isDescriptor(text)) {
        for (Matcher found = NAMES.matcher(text.stringValue()); found.find(); ) {
          names.add(found.group(1));
        }
      }
    }
    return names;
  }

  private static boolean isDescriptor(Utf8Entry text) {
    return text.length() > 0 && "L[(<".indexOf(text.charAt(0)) >= 0;
  }
}
