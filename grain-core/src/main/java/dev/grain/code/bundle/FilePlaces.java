package dev.grain.code.bundle;

import java.io.IOException;
import java.nio.file.Path;

/** Says where another process has the files and folders of this one. */
@FunctionalInterface
public interface FilePlaces {
  /** The other process has the same files. */
  FilePlaces SAME = file -> file;

  /**
   * Returns where the other process has a file or folder.
   *
   * @param file with an absolute path
   * @throws IOException if it cannot have it, in a sentence
   */
  Path of(Path file) throws IOException;
}
