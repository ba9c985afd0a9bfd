package dev.grain.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Who runs what is in a container. */
final class ContainerUser {
  private static final String NOBODY = "65534:65534";

  private ContainerUser() {}

  /**
   * Returns the user and the group of this process, or nobody's if it is root.
   *
   * @param own a file of this process
   */
  static String usual(Path own) throws IOException {
    try {
      int user = (Integer) Files.getAttribute(own, "unix:uid");
      int group = (Integer) Files.getAttribute(own, "unix:gid");
      return user == 0 ? NOBODY : user + ":" + group;
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      return NOBODY;
    }
  }
}
