package dev.grain.container;

import dev.grain.bytes.Bytes;
import dev.grain.folder.Folders;
import dev.grain.message.ContainerSetting;
import dev.grain.node.process.NotPossible;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The folder of one job, which its container has as {@link #INSIDE}.
 *
 * @param path on the node
 */
record JobFolder(Path path) {
  /** Where the container has it. */
  static final String INSIDE = "/grain";

  private static final String CODE = "code";
  private static final String INPUT = "input";
  private static final String RESULT = "result";

  /**
   * Makes one.
   *
   * @param parent may be entered by the worker only
   * @param input what is in the file for that; null for no file
   */
  static JobFolder make(Path parent, long number, @Nullable Bytes input) throws IOException {
    JobFolder made = new JobFolder(Files.createDirectory(parent.resolve(String.valueOf(number))));
    // whoever the user of the container is
    Files.setPosixFilePermissions(made.path, PosixFilePermissions.fromString("rwxrwxrwx"));
    if (input != null) {
      Path file = made.path.resolve(INPUT);
      try (OutputStream out = Files.newOutputStream(file)) {
        for (byte[] chunk : input.chunks()) {
          out.write(chunk);
        }
      }
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }
    return made;
  }

  static String inputInside() {
    return INSIDE + "/" + INPUT;
  }

  static String resultInside() {
    return INSIDE + "/" + RESULT;
  }

  /** Returns how the container has it, which may change what is in it. */
  ContainerSetting.Mount mount() {
    return new ContainerSetting.Mount(path.toString(), INSIDE, false);
  }

  /**
   * Returns how the container has the code of the job, which it cannot change.
   *
   * @param code folders and jars of the node
   * @param workspace what it has in place of the first folder, and may change; null for nothing
   */
  List<ContainerSetting.Mount> mountCode(List<Path> code, @Nullable Path workspace)
      throws IOException {
    List<ContainerSetting.Mount> mounts = new ArrayList<>();
    for (Path each : code) {
      String name = mounts.isEmpty() ? CODE : CODE + "-" + (mounts.size() + 1);
      // made here, so that it is not root's
      Path place = path.resolve(name);
      if (Files.isDirectory(each)) {
        Files.createDirectory(place);
      } else {
        Files.createFile(place);
      }
      String inside = INSIDE + "/" + name;
      mounts.add(
          mounts.isEmpty() && workspace != null
              ? new ContainerSetting.Mount(workspace.toString(), inside, false)
              : new ContainerSetting.Mount(each.toString(), inside, true));
    }
    return mounts;
  }

  /**
   * Returns where a command runs in the container; empty for where the image has it.
   *
   * @param wanted what its user says; empty for nothing
   * @throws NotPossible if that is relative to nothing
   */
  static String workingDir(String wanted, List<Path> code) throws NotPossible {
    boolean absolute = wanted.startsWith("/");
    if (!wanted.isEmpty() && !absolute && code.isEmpty()) {
      throw new NotPossible(
          "its working directory \"%s\" is relative; give an absolute path in the container"
              .formatted(wanted));
    }
    return code.isEmpty() || absolute
        ? wanted
        : INSIDE + "/" + CODE + (wanted.isEmpty() ? "" : "/" + wanted);
  }

  /**
   * Returns the file for the result on the node, to be called when the container has ended. What is
   * there instead, such as a link to a file that only the worker may read, is removed.
   */
  Path result() throws IOException {
    Path result = path.resolve(RESULT);
    if (!Files.isRegularFile(result, LinkOption.NOFOLLOW_LINKS)) {
      Folders.deleteQuietly(result);
    }
    return result;
  }

  /** Deletes it as far as this user may; a later worker tries again. */
  void delete() {
    Folders.deleteQuietly(path);
  }
}
