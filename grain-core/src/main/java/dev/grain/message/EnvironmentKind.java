package dev.grain.message;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The kinds of environments, each by the name that its definition usually has. */
public enum EnvironmentKind {
  /** A virtual environment of Python with packages that pip installs. */
  VENV("requirements*.txt", "requirements[^/]*\\.txt"),
  /** An environment of conda. */
  CONDA("environment.yml", "environment\\.ya?ml"),
  /** A virtual environment of Python with packages that Poetry installs. */
  POETRY("pyproject.toml", "pyproject\\.toml"),
  /** The jars that a project of Maven needs. */
  MAVEN("pom.xml", "pom\\.xml"),
  /** What a script installs. */
  SCRIPT("*.sh", "[^/]*\\.sh");

  private final String usualName;
  private final Pattern names;

  EnvironmentKind(String usualName, String names) {
    this.usualName = usualName;
    this.names = Pattern.compile(names);
  }

  /**
   * Returns the kind of environment that a file defines.
   *
   * @param name the name of the file, without folders
   * @throws IllegalArgumentException if the name is that of no kind; the message lists the names
   */
  public static EnvironmentKind ofFile(String name) {
    List<EnvironmentKind> fitting =
        Arrays.stream(values()).filter(kind -> kind.names.matcher(name).matches()).toList();
    if (fitting.isEmpty()) {
      throw new IllegalArgumentException(
          "\"%s\" is not the name of a file that defines an environment. Known are %s; for a file with"
                  .formatted(name, usualNames())
              + " another name, call the method of its kind, such as Environment.venv.");
    }
    return fitting.getFirst();
  }

  private static String usualNames() {
    return Arrays.stream(values()).map(kind -> kind.usualName).collect(Collectors.joining(", "));
  }
}
