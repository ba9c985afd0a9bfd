package dev.grain.code.bundle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A process that opens and closes its folder in a cache, again and again. */
final class ProcessFolderProgram {
  private ProcessFolderProgram() {}

  /**
   * Fails if the folder goes while it is open.
   *
   * @param arguments the cache, and how often to open the folder
   */
  public static void main(String[] arguments) throws IOException {
    ProcessFolder folder = new ProcessFolder(Path.of(arguments[0]));
    for (int left = Integer.parseInt(arguments[1]); left > 0; left--) {
      Path opened = folder.open();
      Files.createFile(opened.resolve("used"));
      Files.delete(opened.resolve("used"));
      folder.close();
    }
  }
}
