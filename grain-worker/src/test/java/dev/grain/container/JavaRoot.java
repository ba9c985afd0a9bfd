package dev.grain.container;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The root folder of an image with the Java of the tests and the libraries that it needs. */
final class JavaRoot {
  /** Where the image has it. */
  static final String HOME = "/opt/java";

  private static final String MODULES = "java.base,java.logging,jdk.unsupported";

  private static final Pattern LIBRARY = Pattern.compile("(/\\S+) \\(0x");

  private JavaRoot() {}

  static void make(Path root) throws IOException, InterruptedException {
    Path home = root.resolve(HOME.substring(1));
    Files.createDirectories(home.getParent());
    run(
        Path.of(System.getProperty("java.home"), "bin", "jlink").toString(),
        "--add-modules",
        MODULES,
        "--strip-debug",
        "--no-header-files",
        "--no-man-pages",
        "--output",
        home.toString());
    List<String> words = new ArrayList<>(List.of("ldd", home.resolve("bin/java").toString()));
    try (Stream<Path> files = Files.walk(home.resolve("lib"))) {
      files
          .filter(each -> each.toString().endsWith(".so"))
          .forEach(each -> words.add(each.toString()));
    }
    SequencedSet<Path> libraries = new LinkedHashSet<>();
    LIBRARY
        .matcher(run(words.toArray(String[]::new)))
        .results()
        .map(each -> Path.of(each.group(1)))
        .filter(each -> !each.startsWith(home))
        .forEach(libraries::add);
    for (Path each : libraries) {
      Path copy = root.resolve(each.toString().substring(1));
      Files.createDirectories(copy.getParent());
      Files.copy(each, copy);
    }
  }

  private static String run(String... words) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(words[0] + ": " + printed);
    }
    return printed;
  }
}
