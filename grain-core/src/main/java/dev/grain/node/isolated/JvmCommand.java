package dev.grain.node.isolated;

import dev.grain.node.confine.Confinement;
import dev.grain.node.process.Mark;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How a JVM for isolated functions is started: the Java and the class path of this process. */
final class JvmCommand {
  /** What the JVM of a worker has, too. */
  private static final List<String> LIKE_A_WORKER =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-XX:+UseCompactObjectHeaders");

  private static final String NOTHING = "/dev/null";

  private JvmCommand() {}

  /**
   * Starts one.
   *
   * @param folder its folder, with its setup; gets its class path
   * @param confinement keeps it to its slots
   * @param mark is in its environment
   */
  static Process start(JvmFolder folder, JvmKind kind, Confinement confinement, Mark mark)
      throws IOException {
    Files.writeString(folder.classPath(), classPath());
    return confinement.start(words(folder, kind), words -> start(folder, words, mark));
  }

  private static Process start(JvmFolder folder, List<String> words, Mark mark) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .redirectInput(new File(NOTHING))
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.printed().toFile()))
            .redirectErrorStream(true);
    builder.environment().put(mark.name(), mark.value());
    return builder.start();
  }

  private static List<String> words(JvmFolder folder, JvmKind kind) {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(LIKE_A_WORKER);
    words.add("-XX:ActiveProcessorCount=" + kind.processors());
    if (kind.heap() > 0) {
      words.add("-Xmx" + (kind.heap() >> 10) + "k");
    }
    // what it leaves goes with its folder
    words.add("-XX:-CreateCoredumpOnCrash");
    words.add("-XX:-UsePerfData");
    words.add("-XX:ErrorFile=" + folder.crash());
    words.add("-XX:ReplayDataFile=" + folder.replay());
    words.addAll(kind.setting().flags());
    words.add("@" + folder.classPath());
    words.add(IsolatedMain.class.getName());
    words.add(folder.path().toString());
    return words;
  }

  /** Returns the class path of this process, as the JVM reads it from a file. */
  private static String classPath() {
    String path =
        Stream.of("java.class.path", "jdk.module.path")
            .flatMap(each -> Arrays.stream(System.getProperty(each, "").split(File.pathSeparator)))
            .filter(entry -> !entry.isEmpty())
            .map(entry -> Path.of(entry).toAbsolutePath().toString())
            .collect(Collectors.joining(File.pathSeparator));
    return "-cp \"" + path.replace("\\", "\\\\").replace("\"", "\\\"") + "\"\n";
  }
}
