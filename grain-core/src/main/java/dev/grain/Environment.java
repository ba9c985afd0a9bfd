package dev.grain;

import dev.grain.message.EnvironmentKind;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What is installed for a job before it starts: packages of Python, of conda, of Maven, or what a
 * script installs. Immutable.
 *
 * <pre>{@code
 * Environment packages = Environment.venv(Path.of("requirements.txt"));
 * }</pre>
 *
 * <p>Each node makes an environment once and keeps it for all jobs for which it is the same: that
 * is, for which the contents of the files that define it are, and the version of the tool that
 * makes it. A job waits for it without holding resources.
 *
 * <p>There are two ways to name the file that defines it:
 *
 * <ul>
 *   <li>a {@link Path} is a file of this machine. It is read at once, with the files that it
 *       includes, and their content travels with the job;
 *   <li>a text is a path in the folder of the code of the job on the node, with {@code /} between
 *       folders. The job has to bring such code: a git repository or a folder.
 * </ul>
 *
 * <p>A command finds the programs of its environment first on its {@code PATH}, and the variables
 * that belong to such an environment, such as {@code VIRTUAL_ENV} or {@code CONDA_PREFIX}. A
 * function gets the classes and jars of {@link #maven} on its class path; the others set
 * environment variables, so they need a function that is {@linkplain JobOptions#isolated isolated}.
 *
 * <p>The tools have to be installed on the node: Python with its modules {@code venv} and {@code
 * ensurepip}, conda (or mamba or micromamba), or Poetry. Nothing is needed for {@link #maven}. A
 * worker passes its own environment variables to them, so that those which configure a tool, such
 * as {@code PIP_INDEX_URL}, have an effect.
 */
public sealed interface Environment permits DefinedEnvironment {
  /**
   * Returns a virtual environment of Python, in which pip installs what a file of requirements
   * lists. Requirements that are paths are relative to the folder of the code, and are installed
   * from a copy; editable ones ({@code -e}) are refused.
   *
   * @param requirements the file in the folder of the code, such as {@code "requirements.txt"}
   * @throws IllegalArgumentException if it is empty, or leads out of that folder
   */
  static Environment venv(String requirements) {
    return DefinedEnvironment.inCode(EnvironmentKind.VENV, requirements);
  }

  /**
   * Returns a virtual environment of Python; see {@link #venv(String)}.
   *
   * @param requirements a file of this machine. Files that it includes by {@code -r} and {@code -c}
   *     travel with it; requirements that are paths are refused
   * @throws IllegalArgumentException if it does not exist, cannot be read, or is refused
   */
  static Environment venv(Path requirements) {
    return DefinedEnvironment.here(EnvironmentKind.VENV, requirements);
  }

  /**
   * Returns an environment of conda. It is made by the first program that is on the worker's {@code
   * PATH} of micromamba, mamba and conda.
   *
   * @param definition the file in the folder of the code, such as {@code "environment.yml"}
   * @throws IllegalArgumentException if it is empty, or leads out of that folder
   */
  static Environment conda(String definition) {
    return DefinedEnvironment.inCode(EnvironmentKind.CONDA, definition);
  }

  /**
   * Returns an environment of conda; see {@link #conda(String)}.
   *
   * @param definition a file of this machine
   * @throws IllegalArgumentException if it does not exist or cannot be read
   */
  static Environment conda(Path definition) {
    return DefinedEnvironment.here(EnvironmentKind.CONDA, definition);
  }

  /**
   * Returns a virtual environment of Python, in which Poetry installs the main dependencies that
   * the {@code pyproject.toml} and the {@code poetry.lock} in the folder of the code list. The
   * project itself is not installed.
   */
  static Environment poetry() {
    return DefinedEnvironment.inCode(EnvironmentKind.POETRY, "pyproject.toml");
  }

  /**
   * Returns a virtual environment of Python; see {@link #poetry()}.
   *
   * @param project a {@code pyproject.toml} of this machine, beside its {@code poetry.lock}.
   *     Dependencies that are paths are refused
   * @throws IllegalArgumentException if one of them does not exist, cannot be read, or is refused
   */
  static Environment poetry(Path project) {
    return DefinedEnvironment.here(EnvironmentKind.POETRY, project);
  }

  /**
   * Returns what a script installs. The script is run by {@code sh}, or by what its first line
   * names after {@code #!}, in a copy of the folder of the code that has the script and its inputs
   * alone. It installs into the folder whose path is in {@code GRAIN_ENVIRONMENT}, which stays
   * where it is. The folder {@code bin} in that comes first on the {@code PATH} of jobs, and each
   * line {@code NAME=value} of a file {@code environment} in it sets a variable of theirs.
   *
   * @param script the file in the folder of the code, such as {@code "setup.sh"}
   * @param inputs files and folders there that the script reads, {@code "."} for all, but never
   *     those of git. The environment is made again if the content of one changes
   * @throws IllegalArgumentException if a path is empty, or leads out of that folder
   */
  static Environment script(String script, String... inputs) {
    return DefinedEnvironment.inCode(EnvironmentKind.SCRIPT, script, inputs);
  }

  /**
   * Returns what a script installs; see {@link #script(String, String...)}.
   *
   * @param script a file of this machine
   * @throws IllegalArgumentException if it does not exist or cannot be read
   */
  static Environment script(Path script) {
    return DefinedEnvironment.here(EnvironmentKind.SCRIPT, script);
  }

  /**
   * Returns the classes and jars of the {@code pom.xml} in the folder of the code; see {@link
   * #maven(String)}.
   */
  static Environment maven() {
    return maven("pom.xml");
  }

  /**
   * Returns what a project of Maven needs to run, without a Maven on the node: its classes, and the
   * jars of its dependencies of the scopes {@code compile} and {@code runtime}, and of theirs. The
   * jars are found in the repositories, and through the mirrors and proxies, of the pom and of the
   * {@code settings.xml} of the worker's user; what the local repository of that user has is not
   * downloaded.
   *
   * <p>The sources are compiled by the compiler of the worker's Java, which has to be a JDK. It
   * gets the release, the encoding, the annotation processors and those arguments of the compiler
   * plugin that change the classes. Resources are copied, and filtered where the pom asks for it.
   * No other plugin is run, and no test. A {@code module-info.java} has no effect.
   *
   * <p>A command finds the classes and jars in its variable {@code CLASSPATH}.
   *
   * <p>Snapshots are refused, as their content changes, and so is a pom that only lists modules.
   * Other modules of the same project have to be in a repository.
   *
   * @param pom the file in the folder of the code, such as {@code "jobs/pom.xml"}
   * @throws IllegalArgumentException if it is empty, or leads out of that folder
   */
  static Environment maven(String pom) {
    return DefinedEnvironment.inCode(EnvironmentKind.MAVEN, pom);
  }

  /**
   * Returns the jars that a project of Maven needs; see {@link #maven(String)}.
   *
   * @param pom a file of this machine; parents that it names by a path travel with it, but its
   *     sources do not
   * @throws IllegalArgumentException if it does not exist or cannot be read
   */
  static Environment maven(Path pom) {
    return DefinedEnvironment.here(EnvironmentKind.MAVEN, pom);
  }

  /**
   * Returns the environment that a file in the folder of the code defines; its name says which kind
   * it is, as for {@link #of(Path)}.
   *
   * @throws IllegalArgumentException if the name is not known, or the path leads out of that folder
   */
  static Environment of(String definition) {
    String name = definition.substring(definition.lastIndexOf('/') + 1);
    return DefinedEnvironment.inCode(EnvironmentKind.ofFile(name), definition);
  }

  /**
   * Returns the environment that a file of this machine defines, by its name: {@code
   * requirements*.txt}, {@code environment.yml} or {@code .yaml}, {@code pyproject.toml}, {@code
   * pom.xml}, or {@code *.sh}.
   *
   * @throws IllegalArgumentException if it has another name, does not exist, cannot be read, or is
   *     refused
   */
  static Environment of(Path definition) {
    Path name = definition.getFileName();
    return DefinedEnvironment.here(
        EnvironmentKind.ofFile(name == null ? "" : name.toString()), definition);
  }

  /**
   * Returns the same with another interpreter of Python, for {@link #venv} and {@link #poetry}.
   *
   * @param program a program on the worker's {@code PATH}, such as {@code "python3.12"}, or an
   *     absolute path; {@code python3} by default
   * @throws IllegalStateException if this is an environment of another kind
   * @throws IllegalArgumentException if it is empty
   */
  Environment python(String program);

  /**
   * Returns the same with another limit for the time that a node may take to make it.
   *
   * @param limit more than zero; 30 minutes by default
   * @throws IllegalArgumentException if it is not more than zero
   */
  Environment timeout(Duration limit);
}
