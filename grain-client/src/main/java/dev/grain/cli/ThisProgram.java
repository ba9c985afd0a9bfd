package dev.grain.cli;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts the program {@code grain} again, for what must go on beside or after this process. */
public final class ThisProgram {
  /** The property in which the launcher says where it is. */
  private static final String LAUNCHER = "grain.launcher";

  private static final String MAIN = "dev.grain.worker.GrainCommand";
  private static final Path NEW_SESSION = Path.of("/usr/bin/setsid");

  private ThisProgram() {}

  /**
   * Returns a process that can be started with other words, and that is not told what the terminal
   * of this process sends, such as Ctrl-C. It is started by the launcher if that has started this
   * process, because it knows the class path and the flags of each command, and else with those of
   * this process.
   *
   * @param words what follows {@code grain}
   */
  public static ProcessBuilder apart(String... words) {
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(NEW_SESSION)) {
      command.add(NEW_SESSION.toString());
    }
    String launcher = System.getProperty(LAUNCHER);
    if (launcher != null) {
      command.add(launcher);
    } else {
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
      command.addAll(List.of("-cp", System.getProperty("java.class.path", ""), MAIN));
    }
    command.addAll(List.of(words));
    return new ProcessBuilder(command);
  }
}
