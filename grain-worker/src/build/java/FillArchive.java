import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Puts into the folder of the archives, which has a Java runtime already, all else that they hold,
 * and has the launcher there make its caches; run by the build.
 */
final class FillArchive {
  private static final String LIB = "lib";

  private final Path project;
  private final Path folder;
  private final FileTime time;

  private FillArchive(Path project, Path folder, FileTime time) {
    this.project = project;
    this.folder = folder;
    this.time = time;
  }

  /**
   * Fills the folder, unless that was done before with the same files.
   *
   * @param arguments the folder of the project, the one to fill, the jar, the time that the files
   *     have in the archive (a JVM takes a cache only with jars of the time that they had when it
   *     was made), and for each further module the folder of the archive that it belongs into, its
   *     own folder, and its jar
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    FileTime time = FileTime.from(Instant.parse(arguments[3]));
    FillArchive archive = new FillArchive(Path.of(arguments[0]), Path.of(arguments[1]), time);
    // by the folders of the archive, and the names of the jars, as modules need the same ones
    Map<String, Map<String, Path>> folders = new LinkedHashMap<>();
    Map<String, Path> shared = new LinkedHashMap<>();
    folders.put(LIB, shared);
    addAll(shared, Path.of(arguments[0]), Path.of(arguments[2]));
    for (int i = 4; i < arguments.length; i += 3) {
      Map<String, Path> jars = folders.computeIfAbsent(arguments[i], _ -> new LinkedHashMap<>());
      addAll(jars, Path.of(arguments[i + 1]), Path.of(arguments[i + 2]));
      if (jars != shared) {
        // only what they need beside that
        jars.keySet().removeAll(shared.keySet());
      }
    }
    archive.fill(folders);
  }

  private static void addAll(Map<String, Path> jars, Path module, Path jar) throws IOException {
    jars.put(jar.getFileName().toString(), jar);
    for (String part : Files.readString(module.resolve("target/classpath.txt")).split(":")) {
      Path each = Path.of(part.strip());
      jars.putIfAbsent(each.getFileName().toString(), each);
    }
  }

  private void fill(Map<String, Map<String, Path>> folders)
      throws IOException, InterruptedException {
    copyScripts();
    Path stamp = Path.of(folder + ".txt");
    String made = describe(folders);
    if (Files.exists(stamp) && Files.readString(stamp).equals(made)) {
      return;
    }
    Files.deleteIfExists(stamp);
    delete(folder.resolve("ext"));
    for (Map.Entry<String, Map<String, Path>> each : folders.entrySet()) {
      copyInto(each.getKey(), each.getValue().values());
    }
    makeCaches();
    Files.writeString(stamp, made);
  }

  private String describe(Map<String, Map<String, Path>> folders) throws IOException {
    List<Path> files = new ArrayList<>();
    folders.values().forEach(jars -> files.addAll(jars.values()));
    files.add(Path.of(folder + "/runtime.txt"));
    files.add(folder.resolve("bin/grain"));
    StringBuilder text = new StringBuilder();
    for (Path file : files) {
      text.append(file).append(' ').append(Files.getLastModifiedTime(file)).append('\n');
    }
    return text.toString();
  }

  private void copyScripts() throws IOException {
    Path root = project.resolve("..").normalize();
    copyInto(
        "bin",
        Stream.of("grain", "grain-worker", "minionize", "minion-status", "mtop")
            .map(name -> root.resolve("bin").resolve(name))
            .toList());
    for (String name : List.of("LICENSE", "README.md")) {
      Files.copy(root.resolve(name), folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private void copyInto(String name, Collection<Path> files) throws IOException {
    Path into = folder.resolve(name);
    delete(into);
    Files.createDirectories(into);
    for (Path file : files) {
      Path copy = into.resolve(file.getFileName());
      Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
      if (name.equals(LIB)) {
        Files.setLastModifiedTime(copy, time);
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private void makeCaches() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(folder.resolve("bin/grain").toString(), "cache")
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new IllegalStateException("Making the caches failed:\n" + printed);
    }
  }
}
