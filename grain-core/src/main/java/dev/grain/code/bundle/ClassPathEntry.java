package dev.grain.code.bundle;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A jar or folder that has classes and resources: one on the disk, or one within a jar, as in an
 * executable jar of Spring Boot. Immutable.
 *
 * @param file the jar or folder on the disk
 * @param within the name of the jar or folder in that jar, without a slash at its end; empty if the
 *     entry is the whole file
 */
record ClassPathEntry(Path file, String within) {
  private static final String JAR = "jar:";
  private static final String FILE = "file:";
  private static final String NESTED = "nested:";
  private static final String SEPARATOR = "!/";

  /** Where a jar has the files of a release of Java. */
  private static final Pattern VERSION = Pattern.compile("(^|/)META-INF/versions/\\d+$");

  /** Returns a whole jar or folder on the disk. */
  static ClassPathEntry of(Path file) {
    return new ClassPathEntry(file, "");
  }

  /**
   * Returns what a URL of a class loader leads to, which need not exist, or null if that is not on
   * the disk. Knows, besides the URLs of the JDK, those of the loaders of Spring Boot: {@code
   * jar:nested:/app.jar/!BOOT-INF/lib/x.jar!/}, and before its version 3.2 {@code
   * jar:file:/app.jar!/BOOT-INF/lib/x.jar!/}.
   *
   * @throws IllegalArgumentException if it cannot be the URL of a file
   */
  static @Nullable ClassPathEntry at(URL url) {
    String text = url.toString();
    if (text.startsWith(FILE)) {
      return of(pathOf(text));
    }
    if (!text.startsWith(JAR)) {
      return null;
    }
    text = text.substring(JAR.length());
    if (text.startsWith(NESTED)) {
      text = FILE + text.substring(NESTED.length()).replaceFirst("/!", SEPARATOR);
    }
    if (!text.startsWith(FILE)) {
      return null;
    }
    int end = text.indexOf(SEPARATOR);
    if (end < 0) {
      return of(pathOf(text));
    }
    String within = decode(text.substring(end + SEPARATOR.length()));
    return new ClassPathEntry(pathOf(text.substring(0, end)), canonical(within));
  }

  /** Returns the jar or folder that a resource is in, or null if that is not on the disk. */
  static @Nullable ClassPathEntry holding(URL resource, String name) {
    try {
      ClassPathEntry found = at(resource);
      ClassPathEntry holder = found == null ? null : found.above(depth(name));
      return holder == null ? null : holder.real();
    } catch (IOException | IllegalArgumentException e) {
      return null;
    }
  }

  /** Decodes what is in the path of a URL, where a plus sign is itself. */
  static String decode(String path) {
    return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static Path pathOf(String fileUrl) {
    return new File(decode(fileUrl.substring(FILE.length()))).toPath();
  }

  private static String canonical(String within) {
    String name = within.replace("/" + SEPARATOR, SEPARATOR);
    name = name.endsWith(SEPARATOR) ? name.substring(0, name.length() - 2) : name;
    return name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
  }

  private static int depth(String name) {
    return (int) name.chars().filter(c -> c == '/').count() + 1;
  }

  private @Nullable ClassPathEntry above(int depth) {
    if (within.isEmpty()) {
      Path folder = file;
      for (int i = 0; i < depth && folder != null; i++) {
        folder = folder.getParent();
      }
      return folder == null ? null : of(folder);
    }
    int inner = within.lastIndexOf(SEPARATOR);
    String jar = inner < 0 ? "" : within.substring(0, inner);
    String folder = inner < 0 ? within : within.substring(inner + SEPARATOR.length());
    for (int i = 0; i < depth; i++) {
      folder = folder.substring(0, Math.max(0, folder.lastIndexOf('/')));
    }
    folder = VERSION.matcher(folder).replaceFirst("");
    String separator = jar.isEmpty() || folder.isEmpty() ? "" : SEPARATOR;
    return new ClassPathEntry(file, jar + separator + folder);
  }

  /** Returns the entry with the real path of its file. */
  ClassPathEntry real() throws IOException {
    return new ClassPathEntry(file.toRealPath(), within);
  }

  /** Returns whether it is within a jar. */
  boolean isNested() {
    return !within.isEmpty();
  }

  /** Returns whether it is within a jar that itself is within a jar. */
  boolean isNestedTwice() {
    return within.contains(SEPARATOR);
  }

  /** Returns the name of the jar or folder. */
  String name() {
    return isNested()
        ? within.substring(within.lastIndexOf('/') + 1)
        : String.valueOf(file.getFileName());
  }

  /** Returns the names of all that is in the jar or folder. */
  List<String> names() throws IOException {
    if (Files.isDirectory(file)) {
      try (Stream<Path> files = Files.walk(file)) {
        String separator = file.getFileSystem().getSeparator();
        return files.map(each -> file.relativize(each).toString().replace(separator, "/")).toList();
      }
    }
    try (ZipFile jar = new ZipFile(file.toFile())) {
      ZipEntry nested = isNested() ? jar.getEntry(within) : null;
      if (nested == null || nested.isDirectory()) {
        String folder = isNested() ? within + "/" : "";
        return jar.stream()
            .map(ZipEntry::getName)
            .filter(each -> each.startsWith(folder))
            .map(each -> each.substring(folder.length()))
            .toList();
      }
      try (InputStream in = jar.getInputStream(nested)) {
        return names(new ZipInputStream(in));
      }
    }
  }

  private static List<String> names(ZipInputStream jar) throws IOException {
    List<String> names = new ArrayList<>();
    for (ZipEntry next = jar.getNextEntry(); next != null; next = jar.getNextEntry()) {
      names.add(next.getName());
    }
    return names;
  }

  @Override
  public String toString() {
    return isNested() ? file + SEPARATOR + within : file.toString();
  }
}
