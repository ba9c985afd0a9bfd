package dev.grain.node.process;

import dev.grain.folder.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The files of one command: what it prints, is given and returns.
 *
 * @param folder where they are
 * @param number distinguishes them
 * @param ofCommand the path by which the command itself finds the folder
 * @param apart whether the folder is for this command alone
 */
record CommandFiles(Path folder, long number, String ofCommand, boolean apart) {
  /** Returns the files of a command in the folder for those of all commands of this process. */
  static CommandFiles in(Path folder, long number) {
    return new CommandFiles(folder, number, folder.toString(), false);
  }

  /**
   * Makes a folder in that one for the files of a command, to be removed.
   *
   * @param ofCommand the path by which the command finds it
   */
  static CommandFiles apart(Path folder, long number, String ofCommand) throws IOException {
    Path own = Files.createDirectory(folder.resolve(number + ".job"));
    return new CommandFiles(own, number, ofCommand, true);
  }

  Path stdout() {
    return folder.resolve(number + ".out");
  }

  Path stderr() {
    return folder.resolve(number + ".err");
  }

  Path input() {
    return folder.resolve(number + ".input");
  }

  Path result() {
    return folder.resolve(number + ".result");
  }

  /** Returns the path by which the command finds a file. */
  String ofCommand(Path file) {
    return ofCommand + "/" + file.getFileName();
  }

  /** Removes the folder, if it is for this command alone. */
  void deleteFolder() {
    if (apart) {
      Folders.deleteQuietly(folder);
    }
  }
}
