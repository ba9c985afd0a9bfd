import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * Links the Java runtime for the archive that needs no JDK on a node; run by the build.
 *
 * <p>Its modules are more than Grain's own: jobs may use what there is. Left out are the tools that
 * compile, document, debug and package.
 */
final class LinkRuntime {
  private static final List<String> MODULES =
      List.of(
          "java.se",
          "jdk.charsets",
          "jdk.crypto.cryptoki",
          "jdk.crypto.ec",
          "jdk.dynalink",
          "jdk.httpserver",
          "jdk.incubator.vector",
          "jdk.jcmd",
          "jdk.jfr",
          "jdk.localedata",
          "jdk.management",
          "jdk.management.agent",
          "jdk.management.jfr",
          "jdk.naming.dns",
          "jdk.net",
          "jdk.nio.mapmode",
          "jdk.sctp",
          "jdk.security.auth",
          "jdk.security.jgss",
          "jdk.unsupported",
          "jdk.xml.dom",
          "jdk.zipfs");

  private LinkRuntime() {}

  /**
   * Links, unless that was done before with the same JDK.
   *
   * @param arguments the folder to link into
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path folder = Path.of(arguments[0]);
    Path stamp = Path.of(arguments[0] + ".txt");
    String made = System.getProperty("java.home") + " " + Runtime.version() + " " + MODULES;
    if (Files.exists(stamp) && Files.readString(stamp).equals(made)) {
      return;
    }
    Files.deleteIfExists(stamp);
    delete(folder);
    link(folder);
    archiveClasses(folder);
    Files.writeString(stamp, made);
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

  private static void link(Path folder) {
    StringWriter printed = new StringWriter();
    PrintWriter out = new PrintWriter(printed, true);
    int code =
        ToolProvider.findFirst("jlink")
            .orElseThrow(() -> new IllegalStateException("This JDK has no jlink"))
            .run(
                out,
                out,
                "--add-modules",
                String.join(",", MODULES),
                "--strip-debug",
                "--no-header-files",
                "--no-man-pages",
                "--compress=zip-6",
                "--output",
                folder.toString());
    if (code != 0) {
      throw new IllegalStateException("jlink failed with code " + code + ":\n" + printed);
    }
  }

  /** Makes the shared archive that the JVM of a worker, with its flags, starts faster with. */
  private static void archiveClasses(Path folder) throws IOException, InterruptedException {
    int code =
        new ProcessBuilder(
                folder.resolve("bin/java").toString(),
                "-Xshare:dump",
                "-XX:+UseCompactObjectHeaders",
                "-Xlog:disable",
                "-Xlog:all=error:stderr")
            .inheritIO()
            .start()
            .waitFor();
    if (code != 0) {
      throw new IllegalStateException("Archiving the classes of the runtime failed: " + code);
    }
  }
}
