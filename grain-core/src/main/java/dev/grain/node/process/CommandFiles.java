package dev.grain.node.process;

import java.nio.file.Path;

/**
 * The files of one command: what it prints, is given and returns.
 *
 * @param folder has those of all commands of this process
 * @param number distinguishes them
 */
record CommandFiles(Path folder, long number) {
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
}
