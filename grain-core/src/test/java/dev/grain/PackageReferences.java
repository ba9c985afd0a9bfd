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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which package names which, read from the constant pools of class files: all that a class refers
 * to stands there, also permitted subclasses, which ArchUnit does not see.
 *
 * <p>The plain types of the API count as a package of their own, {@link #TYPES}: the types of
 * {@code dev.grain} that name no others of Grain's but each other and {@code dev.grain.text}.
 */
final class PackageReferences {
  /** The plain types of {@code dev.grain}, the one package with two levels. */
  static final String TYPES = "dev.grain.types";

  private static final String API = "dev.grain";
  private static final String TEXT = "dev.grain.text";

  /** A type within a descriptor or a signature. */
  private static final Pattern TYPE = Pattern.compile("L([\\w$]+(?:/[\\w$]+)+)[;<]");

  /** A text that can be a descriptor or a signature. */
  private static final Pattern DESCRIPTOR = Pattern.compile("[(<\\[LT].*");

  /** The types that a type and those nested in it name, by their names with dots. */
  private final SortedMap<String, Set<String>> byType = new TreeMap<>();

  private final Set<String> plain = new TreeSet<>();
  private final SortedMap<String, Set<String>> byPackage = new TreeMap<>();

  private PackageReferences() {}

  static PackageReferences of(Path folder) throws IOException {
    PackageReferences references = new PackageReferences();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(PackageReferences::isOfClass).toList()) {
        references.read(outermost(folder.relativize(file).toString().replace(".class", "")), file);
      }
    }
    references.findPlain();
    references.byType.forEach(references::add);
    return references;
  }

  private static boolean isOfClass(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".class")
        && !name.equals("module-info.class")
        && !name.equals("package-info.class");
  }

  private void read(String type, Path file) throws IOException {
    Set<String> named = byType.computeIfAbsent(type, _ -> new TreeSet<>());
    for (PoolEntry entry : ClassFile.of().parse(file).constantPool()) {
      switch (entry) {
        case ClassEntry each -> add(named, "L" + each.asInternalName() + ";");
        case Utf8Entry text when DESCRIPTOR.matcher(text.stringValue()).matches() ->
            add(named, text.stringValue());
        default -> {}
      }
    }
  }

  private static void add(Set<String> named, String descriptor) {
    Matcher types = TYPE.matcher(descriptor);
    types.results().map(each -> outermost(each.group(1))).forEach(named::add);
  }

  private static String outermost(String path) {
    String name = path.replace('/', '.');
    int nested = name.indexOf('$');
    return nested < 0 ? name : name.substring(0, nested);
  }

  /** Takes away what names more than plain types, until all that are left name plain types only. */
  private void findPlain() {
    byType.keySet().stream().filter(type -> packageOf(type).equals(API)).forEach(plain::add);
    while (plain.removeIf(type -> !byType.get(type).stream().allMatch(this::isPlain))) {}
  }

  private boolean isPlain(String type) {
    return plain.contains(type) || !type.startsWith(API + ".") || packageOf(type).equals(TEXT);
  }

  private void add(String type, Set<String> named) {
    String room = roomOf(type);
    Set<String> rooms = byPackage.computeIfAbsent(room, _ -> new TreeSet<>());
    named.stream().map(this::roomOf).filter(each -> !each.equals(room)).forEach(rooms::add);
  }

  private String roomOf(String type) {
    return plain.contains(type) ? TYPES : packageOf(type);
  }

  private static String packageOf(String type) {
    return type.substring(0, type.lastIndexOf('.'));
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
