package dev.grain.node.process;

import dev.grain.folder.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
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
    return printed(".out");
  }

  Path stderr() {
    return printed(".err");
  }

  /** A container does not have it, as it could put a link to another file there. */
  private Path printed(String suffix) {
    String name = number + suffix;
    return apart ? folder.resolveSibling(name) : folder.resolve(name);
  }

  Path input() {
    return folder.resolve(number + ".input");
  }

  Path result() {
    return folder.resolve(number + ".result");
  }

  /**
   * Returns the file for the result of a command that has ended. What a container has left there
   * instead, such as a link to a file that it does not have itself, is removed.
   */
  Path resultOfEnded() {
    Path result = result();
    if (apart && !Files.isRegularFile(result, LinkOption.NOFOLLOW_LINKS)) {
      Folders.deleteQuietly(result);
    }
    return result;
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
