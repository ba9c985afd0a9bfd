package dev.grain;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which package names which, read from the constant pools of class files: all that a class refers
 * to stands there, also permitted subclasses, which ArchUnit does not see.
 */
final class PackageReferences {
  /** A type within a descriptor or a signature. */
  private static final Pattern TYPE = Pattern.compile("L([\\w$]+(?:/[\\w$]+)+)[;<]");

  /** A text that can be a descriptor or a signature. */
  private static final Pattern DESCRIPTOR = Pattern.compile("[(<\\[LT].*");

  private final SortedMap<String, Set<String>> byPackage = new TreeMap<>();

  private PackageReferences() {}

  static PackageReferences of(Path folder) throws IOException {
    PackageReferences references = new PackageReferences();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(PackageReferences::isOfClass).toList()) {
        String name = packageOf(folder.relativize(file).toString());
        references.add(references.byPackage.computeIfAbsent(name, _ -> new TreeSet<>()), file);
        references.byPackage.get(name).remove(name);
      }
    }
    return references;
  }

  private static boolean isOfClass(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".class")
        && !name.equals("module-info.class")
        && !name.equals("package-info.class");
  }

  private void add(Set<String> packages, Path file) throws IOException {
    for (PoolEntry entry : ClassFile.of().parse(file).constantPool()) {
      switch (entry) {
        case ClassEntry type -> add(packages, "L" + type.asInternalName() + ";");
        case Utf8Entry text when DESCRIPTOR.matcher(text.stringValue()).matches() ->
            add(packages, text.stringValue());
        default -> {}
      }
    }
  }

  private static void add(Set<String> packages, String descriptor) {
    Matcher types = TYPE.matcher(descriptor);
    types.results().map(MatchResult::group).forEach(type -> packages.add(packageOf(type)));
  }

  private static String packageOf(String path) {
    String name = path.startsWith("L") ? path.substring(1) : path;
    return name.substring(0, name.lastIndexOf('/')).replace('/', '.');
  }

  /** Returns the packages that there are. */
  Set<String> packages() {
    return byPackage.keySet();
  }

  /** Returns the packages that the package names, without itself. */
  Set<String> of(String name) {
    return byPackage.getOrDefault(name, Set.of());
  }
}
