package dev.grain.node.isolated;

import dev.grain.code.bundle.FilePlaces;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command that starts a JVM for isolated functions, with the class path of this process. */
final class JvmCommand {
  /** What the JVM of a worker has, too. */
  private static final List<String> LIKE_A_WORKER =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-XX:+UseCompactObjectHeaders");

  private JvmCommand() {}

  /**
   * Returns its words.
   *
   * @param java the program
   * @param folder its folder, where the JVM has it
   */
  static List<String> words(String java, JvmFolder folder, JvmKind kind) {
    List<String> words = new ArrayList<>();
    words.add(java);
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
    words.addAll(kind.flags());
    words.add("@" + folder.classPath());
    words.add(IsolatedMain.class.getName());
    words.add(folder.path().toString());
    return words;
  }

  /**
   * Returns a class path as a JVM reads it from a file.
   *
   * @param files of this machine
   * @param places where the JVM has them
   */
  static String classPath(List<Path> files, FilePlaces places) throws IOException {
    StringBuilder path = new StringBuilder();
    for (Path each : files) {
      path.append(path.isEmpty() ? "" : File.pathSeparator).append(places.of(each));
    }
    String quoted = path.toString().replace("\\", "\\\\").replace("\"", "\\\"");
    return "-cp \"" + quoted + "\"\n";
  }
}
