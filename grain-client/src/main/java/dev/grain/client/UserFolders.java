package dev.grain.client;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where files of a user are, as the variables {@code XDG_CONFIG_HOME} and {@code XDG_DATA_HOME}
 * tell.
 */
final class UserFolders {
  private final Map<String, String> variables;

  UserFolders(Map<String, String> variables) {
    this.variables = variables;
  }

  /** Returns the folder of what the user has set. */
  Path config() {
    return folder("XDG_CONFIG_HOME", ".config");
  }

  /** Returns the folder of the head that the user runs. */
  Path ownHead() {
    return folder("XDG_DATA_HOME", ".local/share").resolve("head");
  }

  private Path folder(String variable, String usual) {
    String named = variables.get(variable);
    // the specification of the folders asks to ignore a relative path
    Path folder =
        named != null && named.startsWith("/")
            ? Path.of(named)
            : Path.of(System.getProperty("user.home"), usual);
    return folder.resolve("grain");
  }
}
