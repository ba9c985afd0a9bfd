package dev.grain.environment;

import dev.grain.node.prepare.PreparationException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An interpreter of Python on this machine, and its virtual environments.
 *
 * @param program its path
 * @param version what it tells of itself: version, compiler, where it is
 */
record Python(Path program, String version) {
  private static final String USUAL = "python3";

  /** Prints the short version, whether the modules are there, and all that tells it from others. */
  private static final String QUESTION =
      """
      import sys
      try:
          import venv, ensurepip
          print("%d.%d yes" % sys.version_info[:2])
      except ImportError as e:
          print("%d.%d no" % sys.version_info[:2])
      print(sys.version, sys.executable, sys.base_prefix)
      """;

  /**
   * Finds an interpreter.
   *
   * @param wanted its name or path; empty for the usual one
   * @throws PreparationException if it is missing, or cannot make virtual environments
   */
  static Python find(Machine machine, String wanted)
      throws PreparationException, InterruptedException {
    String name = wanted.isEmpty() ? USUAL : wanted;
    Path program = machine.find(name);
    if (program == null) {
      throw PreparationException.here(
          "There is no program %s on this worker (its PATH is %s). Install it, on Debian by \"apt-get install"
                  .formatted(name, machine.path())
              + " python3 python3-venv\", or name another one by Environment.python.");
    }
    String answer =
        machine
            .ask(List.of(program.toString(), "-c", QUESTION), "PYTHONPATH", "PYTHONHOME")
            .strip();
    // something that starts it may have printed before
    String[] lines = answer.split("\\R", -1);
    String[] first = lines[Math.max(0, lines.length - 2)].split(" ", -1);
    if (!first[first.length - 1].equals("yes")) {
      throw PreparationException.here(
          "The Python %s of this worker cannot make virtual environments, as its modules venv and ensurepip are not"
                  .formatted(program)
              + " installed. Install them, on Debian by \"apt-get install python%s-venv\"."
                  .formatted(first[0]));
    }
    return new Python(program, lines[lines.length - 1]);
  }

  /** Makes a virtual environment with pip. */
  void makeVirtual(Build build) throws PreparationException, IOException, InterruptedException {
    build.run(
        "making a virtual environment of Python",
        List.of(program.toString(), "-m", "venv", build.target().toString()),
        Map.of());
  }

  /** Returns the interpreter of a virtual environment. */
  static Path of(Path target) {
    return programs(target).resolve(isWindows() ? "python.exe" : "python");
  }

  private static Path programs(Path target) {
    return target.resolve(isWindows() ? "Scripts" : "bin");
  }

  private static boolean isWindows() {
    return File.separatorChar == '\\';
  }

  /** Returns what a virtual environment changes for a job. */
  static EnvironmentEffects effects(Path target) {
    SequencedMap<String, String> variables = new LinkedHashMap<>();
    variables.put("VIRTUAL_ENV", target.toString());
    return new EnvironmentEffects(
        List.of(programs(target)), variables, Set.of("PYTHONHOME"), List.of());
  }

  /**
   * Returns the variables for tools that install into a virtual environment.
   *
   * @param path that of this process
   */
  static Map<String, String> variables(@Nullable Path target, String path) {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("PYTHONIOENCODING", "utf-8");
    variables.put("PYTHONNOUSERSITE", "1");
    variables.put("PIP_USER", "0");
    variables.put("PIP_DISABLE_PIP_VERSION_CHECK", "1");
    variables.put("PIP_NO_INPUT", "1");
    if (target != null) {
      variables.put("VIRTUAL_ENV", target.toString());
      variables.put("PATH", programs(target) + File.pathSeparator + path);
    }
    return variables;
  }
}
