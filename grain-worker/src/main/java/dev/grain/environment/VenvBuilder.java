package dev.grain.environment;

import dev.grain.node.prepare.PreparationException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A virtual environment of Python, in which pip installs requirements. */
final class VenvBuilder implements Builder {
  private final Machine machine;
  private final Python python;

  VenvBuilder(Machine machine, Python python) {
    this.machine = machine;
    this.python = python;
  }

  @Override
  public List<String> identity() {
    return List.of(python.program().toString(), python.version());
  }

  @Override
  public void make(Build build) throws PreparationException, IOException, InterruptedException {
    python.makeVirtual(build);
    Path target = build.target();
    build.run(
        "installing " + build.setting().path() + " with pip",
        List.of(
            Python.of(target).toString(),
            "-m",
            "pip",
            "install",
            "--no-input",
            "--progress-bar",
            "off",
            "-r",
            build.main().toString()),
        Python.variables(target, machine.path()));
  }

  @Override
  public EnvironmentEffects effects(Path target) {
    return Python.effects(target);
  }
}
