package dev.grain.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A process that opens its folder. */
final class ProcessFolderProgram {
  private ProcessFolderProgram() {}

  /**
   * Opens and closes the folder, again and again, and fails if it goes while it is open.
   *
   * @param arguments the parent, and how often to open the folder; 0 to fill it, print its path and
   *     keep it until the end of the input
   */
  public static void main(String[] arguments) throws IOException {
    ProcessFolder folder = ProcessFolder.within(Path.of(arguments[0]), "use-");
    int times = Integer.parseInt(arguments[1]);
    if (times == 0) {
      keep(folder);
    }
    for (int left = times; left > 0; left--) {
      Path opened = folder.open();
      Files.createFile(opened.resolve("used"));
      Files.delete(opened.resolve("used"));
      folder.close();
    }
  }

  private static void keep(ProcessFolder folder) throws IOException {
    Path opened = folder.open();
    Files.createFile(opened.resolve("file"));
    Files.createFile(Files.createDirectory(opened.resolve("below")).resolve("lock"));
    System.out.println(opened);
    var _ = System.in.read();
    folder.close();
  }
}
