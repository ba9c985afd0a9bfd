import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * Replaces a jar of a class path whose class files have the format of Java 5 by a copy in the
 * format of Java 8, with the stack maps that belong to it; run by the build. A JVM keeps no class
 * of the older format in its caches once it was used, so workers would read and verify these at
 * each start. The code is not changed.
 *
 * <p>It is not for jars that programs have as well: a worker is not sent those that it has itself,
 * the same byte for byte.
 */
final class UpgradeClasses {
  private static final String NOTICE =
      "The class files of this jar were brought from the format of Java 5 to that of Java 8 by the"
          + " build of Grain. Nothing else was changed.\n";

  /**
   * The earliest time that a jar can name, so that the copies do not depend on when they are made.
   */
  private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0);

  private final ClassFile format;

  private UpgradeClasses(ClassLoader jars) {
    this.format =
        ClassFile.of(
            StackMapsOption.GENERATE_STACK_MAPS,
            ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(jars)));
  }

  /**
   * Writes the copy unless it is there, and names it in the class path.
   *
   * @param arguments the file with the class path, the start of the name of the jar, and the folder
   *     for the copy
   */
  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[0]);
    List<String> jars = new ArrayList<>();
    for (String name : Files.readString(file).strip().split(File.pathSeparator)) {
      Path jar = Path.of(name);
      boolean meant = jar.getFileName().toString().startsWith(arguments[1]);
      jars.add(meant ? upgraded(jar, Path.of(arguments[2])).toString() : name);
    }
    Files.writeString(file, String.join(File.pathSeparator, jars));
  }

  private static Path upgraded(Path jar, Path folder) throws IOException {
    Path copy = Files.createDirectories(folder).resolve(jar.getFileName());
    if (Files.exists(copy)
        && Files.getLastModifiedTime(copy).equals(Files.getLastModifiedTime(jar))) {
      return copy;
    }
    Map<String, byte[]> entries = read(jar);
    try (URLClassLoader loader = URLClassLoader.newInstance(new URL[] {jar.toUri().toURL()})) {
      UpgradeClasses upgrade = new UpgradeClasses(loader);
      entries.replaceAll(
          (name, content) -> isOld(name, content) ? upgrade.of(name, content) : content);
    }
    entries.put("META-INF/UPGRADED.txt", NOTICE.getBytes(StandardCharsets.UTF_8));
    write(entries, copy);
    Files.setLastModifiedTime(copy, Files.getLastModifiedTime(jar));
    return copy;
  }

  private static boolean isOld(String name, byte[] content) {
    return name.endsWith(".class") && (content[6] << 8 | content[7]) < ClassFile.JAVA_6_VERSION;
  }

  private byte[] of(String name, byte[] content) {
    ClassModel model = format.parse(content);
    ClassTransform version =
        (builder, element) -> {
          if (element instanceof ClassFileVersion) {
            builder.withVersion(ClassFile.JAVA_8_VERSION, 0);
          } else {
            builder.with(element);
          }
        };
    // code that no transform has seen is copied as it is, without stack maps
    ClassTransform code =
        ClassTransform.transformingMethodBodies((builder, element) -> builder.with(element));
    byte[] made = format.transformClass(model, version.andThen(code));
    List<VerifyError> mistakes = format.verify(made);
    if (!mistakes.isEmpty()) {
      throw new IllegalStateException(name + " cannot be upgraded", mistakes.getFirst());
    }
    return made;
  }

  private static Map<String, byte[]> read(Path jar) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (InputStream in = Files.newInputStream(jar);
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        entries.put(entry.getName(), zip.readAllBytes());
      }
    }
    return entries;
  }

  private static void write(Map<String, byte[]> entries, Path jar) throws IOException {
    try (OutputStream out = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> each : entries.entrySet()) {
        ZipEntry entry = new ZipEntry(each.getKey());
        entry.setTimeLocal(EPOCH);
        zip.putNextEntry(entry);
        zip.write(each.getValue());
        zip.closeEntry();
      }
    }
  }
}
