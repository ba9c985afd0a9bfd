package dev.grain.environment;

import dev.grain.node.prepare.PreparationException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A virtual environment of Python, in which Poetry installs the main dependencies of a project. */
final class PoetryBuilder implements Builder {
  private final Machine machine;
  private final Python python;
  private final String poetry;
  private final String version;

  PoetryBuilder(Machine machine, Python python) throws PreparationException, InterruptedException {
    this.machine = machine;
    this.python = python;
    Path found = machine.find("poetry");
    if (found == null) {
      throw PreparationException.here(
          "There is no program poetry on this worker (its PATH is %s). Install it, on Debian by \"apt-get install"
                  .formatted(machine.path())
              + " python3-poetry\".");
    }
    this.poetry = found.toString();
    this.version = machine.ask(List.of(poetry, "--version")).strip();
  }

  @Override
  public List<String> identity() {
    return List.of(python.program().toString(), python.version(), version);
  }

  @Override
  public void make(Build build) throws PreparationException, IOException, InterruptedException {
    python.makeVirtual(build);
    // Poetry installs into the virtual environment that is active
    Map<String, String> variables = Python.variables(build.target(), machine.path());
    variables.put("POETRY_VIRTUALENVS_CREATE", "false");
    build.run(
        "installing " + build.setting().path() + " with Poetry",
        List.of(poetry, "install", "--no-root", "--only", "main", "--no-interaction", "--no-ansi"),
        variables,
        FileTree.parent(build.main()));
  }

  @Override
  public EnvironmentEffects effects(Path target) {
    return Python.effects(target);
  }
}
