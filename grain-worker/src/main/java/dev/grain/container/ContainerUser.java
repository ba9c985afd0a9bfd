package dev.grain.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Who runs what is in a container. */
final class ContainerUser {
  private static final String NOBODY = "65534:65534";
  private static final String ROOT = "0:";

  private ContainerUser() {}

  /**
   * Returns the user and the group of this process, or nobody's if it is root.
   *
   * @param own a file of this process
   */
  static String usual(Path own) throws IOException {
    String user = own(own);
    return user.startsWith(ROOT) ? NOBODY : user;
  }

  /**
   * Returns the user and the group of this process; nobody's if the system does not tell.
   *
   * @param own a file of this process
   */
  static String own(Path own) throws IOException {
    try {
      return Files.getAttribute(own, "unix:uid") + ":" + Files.getAttribute(own, "unix:gid");
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      return NOBODY;
    }
  }
}
