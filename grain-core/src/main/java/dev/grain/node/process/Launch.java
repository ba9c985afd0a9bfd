package dev.grain.node.process;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a process is started with.
 *
 * @param words the program, by an absolute path, and its arguments; without NUL characters
 * @param environment all variables; without NUL characters
 * @param folder where it runs
 * @param stdin the file that is its standard input
 * @param stdout takes its standard output
 * @param stderr takes its error stream
 */
record Launch(
    List<String> words,
    Map<String, String> environment,
    Path folder,
    Path stdin,
    Output stdout,
    Output stderr) {
  /**
   * A file that is created if it does not exist.
   *
   * @param append whether everything is written at its end; otherwise it is emptied first
   */
  record Output(Path path, boolean append) {}

  /** Returns the same with another program and other arguments. */
  Launch withWords(List<String> others) {
    return new Launch(others, environment, folder, stdin, stdout, stderr);
  }
}
