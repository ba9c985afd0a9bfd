package dev.grain.environment;

import static dev.grain.environment.Fixture.inCode;
import static dev.grain.environment.Fixture.travelling;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.grain.message.EnvironmentKind;
import dev.grain.message.EnvironmentSetting;
import dev.grain.node.prepare.PreparationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Environments of Python and conda; the packages are files of this machine. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the programs are those of Linux")
final class PythonEnvironmentsTest {
  @TempDir private Path folder;
  private Fixture fixture;
  private Path wheels;

  @BeforeEach
  void prepareFolder() throws IOException {
    fixture = new Fixture(folder);
    wheels = folder.resolve("wheels");
  }

  @AfterEach
  void empty() throws IOException {
    fixture.environments().purge();
  }

  /** Skips the test, visibly, where Python is not as a worker needs it. */
  private void assumePython() throws InterruptedException {
    try {
      Python.find(new Machine(fixture.variables, fixture.home), "");
    } catch (PreparationException e) {
      assumeTrue(false, String.valueOf(e.getMessage()));
    }
  }

  private void assumeTool(String... names) {
    Machine machine = new Machine(fixture.variables, fixture.home);
    assumeTrue(
        List.of(names).stream().anyMatch(each -> machine.find(each) != null),
        String.join(", ", names) + ": not installed");
  }

  private String offline(String requirements) {
    return "--no-index\n--find-links " + wheels + "\n" + requirements + "\n";
  }

  @Test
  void venv_hasWhatItsRequirementsList_alsoFromTheCode() throws Exception {
    assumePython();
    Wheel.write(wheels, "greeter", "1.0", "hello");
    Wheel.write(wheels, "greeter", "2.0", "hello from the next version");
    Wheel.write(fixture.code.resolve("vendor"), "helper", "1.0", "help");
    fixture.write("limits.txt", "greeter<2\n");
    fixture.write(
        "app/requirements.txt",
        offline("-c ../limits.txt\ngreeter\n./vendor/helper-1.0-py3-none-any.whl"));
    // this would make pip think that it is installed
    Path elsewhere = folder.resolve("elsewhere");
    Path info = Files.createDirectories(elsewhere.resolve("greeter-1.0.dist-info"));
    Files.writeString(
        info.resolve("METADATA"), "Metadata-Version: 2.1\nName: greeter\nVersion: 1.0\n");
    fixture.variables.put("PYTHONPATH", elsewhere.toString());

    try (PreparedEnvironment prepared =
        fixture.prepare(inCode(EnvironmentKind.VENV, "app/requirements.txt"))) {
      fixture.variables.remove("PYTHONPATH");
      assertThat(
              fixture.run(
                  prepared,
                  "greeter; helper; python3 -c 'import sys; print(sys.prefix)'; echo $VIRTUAL_ENV"))
          .isEqualTo(
              "hello\nhelp\n%s\n%s"
                  .formatted(
                      prepared.path().resolve("environment"),
                      prepared.path().resolve("environment")));
    }
  }

  @Test
  void requirement_thatDoesNotExist_isAnErrorInTheWordsOfPip() throws Exception {
    assumePython();
    Files.createDirectories(wheels);

    assertThatExceptionOfType(PreparationException.class)
        .isThrownBy(() ->
            fixture.prepare(
                travelling(
                    EnvironmentKind.VENV, "requirements.txt", offline("no-such-package==3"))))
        .withMessageStartingWith("The environment venv requirements.txt could not be made: \"")
        .withMessageContaining("No matching distribution found for no-such-package==3");
  }

  @Test
  void requirement_whoseHashIsAnother_isRefusedByPip() throws Exception {
    assumePython();
    Wheel.write(wheels, "greeter", "1.0", "hello");

    assertThatThrownBy(() ->
            fixture.prepare(
                travelling(
                    EnvironmentKind.VENV,
                    "requirements.txt",
                    offline("greeter==1.0 --hash=sha256:" + "0".repeat(64)))))
        .isInstanceOf(PreparationException.class)
        .hasMessageContaining("DO NOT MATCH THE HASHES");
  }

  @Test
  void python_thatIsMissing_isAnErrorThatNamesItsPackages() {
    EnvironmentSetting setting =
        Fixture.with(
            travelling(EnvironmentKind.VENV, "requirements.txt", ""),
            "python9.9",
            Duration.ofMinutes(1));

    assertThatExceptionOfType(PreparationException.class)
        .isThrownBy(() -> fixture.prepare(setting))
        .withMessageStartingWith("There is no program python9.9 on this worker (its PATH is ")
        .withMessageEndingWith(
            "Install it, on Debian by \"apt-get install python3 python3-venv\", or name another one by"
                + " Environment.python.")
        .satisfies(e -> assertThat(e.isOfThisNode()).isTrue());
  }

  @Test
  void python_withoutVenv_isAnErrorThatNamesItsPackage() throws Exception {
    Path python =
        fixture.tool("python3", "printf '3.11 no\\n3.11.2 (main) /usr/bin/python3 /usr\\n'");

    assertThatExceptionOfType(PreparationException.class)
        .isThrownBy(() -> fixture.prepare(travelling(EnvironmentKind.VENV, "requirements.txt", "")))
        .withMessage(
            "The Python %s of this worker cannot make virtual environments, as its modules venv and ensurepip are not"
                    .formatted(python)
                + " installed. Install them, on Debian by \"apt-get install python3.11-venv\".");
  }

  @Test
  void anotherVersionOfPython_makesAnotherEnvironment() throws Exception {
    // stands for an interpreter: makes what venv would, and installs nothing
    String script =
        """
        case "$2" in
          *import*) printf 'a line of a starter\\n3.11 yes\\n%s\\n';;
          venv) mkdir -p "$3/bin"; echo VERSION >"$3/version"; printf '#!/bin/sh\\n' >"$3/bin/python"; chmod +x "$3/bin/python";;
        esac
        """;
    EnvironmentSetting setting = travelling(EnvironmentKind.VENV, "requirements.txt", "a\n");
    Path first;
    fixture.tool("python3", script.formatted("3.11.2"));
    try (PreparedEnvironment prepared = fixture.prepare(setting)) {
      first = prepared.path();
    }
    try (PreparedEnvironment same = fixture.prepare(setting)) {
      assertThat(same.path()).isEqualTo(first);
    }

    fixture.tool("python3", script.formatted("3.11.3"));

    try (PreparedEnvironment other = fixture.prepare(setting)) {
      assertThat(other.path()).isNotEqualTo(first);
    }
  }

  @Test
  void poetry_installsIntoTheVirtualEnvironment_fromTheFolderOfTheProject() throws Exception {
    assumePython();
    fixture.tool(
        "poetry",
        """
        [ "$1" = --version ] && echo "Poetry (version 1.8)" && exit
        { echo "$@"; ls; } >"$VIRTUAL_ENV/called"
        """);
    fixture.write("jobs/pyproject.toml", "[tool.poetry]\n");
    fixture.write("jobs/poetry.lock", "");

    try (PreparedEnvironment prepared =
        fixture.prepare(inCode(EnvironmentKind.POETRY, "jobs/pyproject.toml"))) {
      Path target = prepared.path().resolve("environment");
      assertThat(Files.readAllLines(target.resolve("called")))
          .containsExactly(
              "install --no-root --only main --no-interaction --no-ansi",
              "poetry.lock",
              "pyproject.toml");
      assertThat(fixture.run(prepared, "command -v python3")).isEqualTo(target + "/bin/python3");
    }
  }

  @Test
  void poetry_ofThisMachine_installsWhatIsLocked() throws Exception {
    assumeTool("poetry");
    assumePython();
    fixture.variables.put("HOME", fixture.home.toString());
    Wheel.write(fixture.code.resolve("vendor"), "greeter", "1.0", "hello");
    fixture.write(
        "pyproject.toml",
        """
        [tool.poetry]
        name = "jobs"
        version = "1"
        description = ""
        authors = []
        [tool.poetry.dependencies]
        python = "^3.8"
        greeter = { path = "vendor/greeter-1.0-py3-none-any.whl" }
        """);
    ProcessBuilder lock = new ProcessBuilder("poetry", "lock", "--no-interaction");
    lock.environment().putAll(fixture.variables);
    lock.environment().put("POETRY_VIRTUALENVS_CREATE", "false");
    Process process =
        lock.directory(fixture.code.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("lock.txt").toFile())
            .start();
    assumeTrue(process.waitFor() == 0, "poetry lock does not work without a network");

    try (PreparedEnvironment prepared =
        fixture.prepare(inCode(EnvironmentKind.POETRY, "pyproject.toml"))) {
      assertThat(fixture.run(prepared, "greeter; python3 -c 'import sys; print(sys.prefix)'"))
          .isEqualTo("hello\n" + prepared.path().resolve("environment"));
    }
  }

  @Test
  void conda_makesTheEnvironment_withTheVariablesOfItsPackages() throws Exception {
    fixture.tool(
        "micromamba",
        """
        [ "$1" = --version ] && echo 2.0.5 && exit
        target=$4
        mkdir -p "$target/bin" "$target/conda-meta" "$target/etc/conda/activate.d"
        echo "$@" >"$target/called"
        echo 'export GDAL_DATA="$CONDA_PREFIX/share/gdal"; UNSEEN=1' >"$target/etc/conda/activate.d/gdal.sh"
        echo '{"env_vars": {"FROM_FILE": "a b"}}' >"$target/conda-meta/state"
        """);

    try (PreparedEnvironment prepared =
        fixture.prepare(
            travelling(EnvironmentKind.CONDA, "environment.yml", "dependencies: []\n"))) {
      Path target = prepared.path().resolve("environment");
      assertThat(target.resolve("called"))
          .hasContent(
              "create --yes --prefix %s --file %s"
                  .formatted(target, prepared.path().resolve("definition/environment.yml")));
      assertThat(prepared.effects().variables())
          .containsEntry("CONDA_PREFIX", target.toString())
          .containsEntry("GDAL_DATA", target + "/share/gdal")
          .containsEntry("FROM_FILE", "a b")
          .doesNotContainKeys("UNSEEN", "PATH", "PWD", "SHLVL", "_");
      assertThat(prepared.effects().path()).containsExactly(target.resolve("bin"));
    }
  }

  @Test
  void conda_thatIsMissing_isAnErrorThatNamesWhatWillDo() {
    fixture.variables.put("PATH", folder.toString());

    assertThatThrownBy(
            () -> fixture.prepare(travelling(EnvironmentKind.CONDA, "environment.yml", "")))
        .isInstanceOf(PreparationException.class)
        .hasMessage(
            "There is no program micromamba, mamba or conda on this worker (its PATH is %s). Install one of them."
                .formatted(folder));
  }

  @Test
  void poetry_thatIsMissing_isAnErrorThatNamesItsPackage() throws Exception {
    Path python = fixture.tool("python3", "printf '3.11 yes\\n3.11.2\\n'");
    fixture.variables.put("PATH", FileTree.parent(python).toString());
    fixture.write("pyproject.toml", "");
    fixture.write("poetry.lock", "");

    assertThatThrownBy(() -> fixture.prepare(inCode(EnvironmentKind.POETRY, "pyproject.toml")))
        .isInstanceOf(PreparationException.class)
        .hasMessageStartingWith("There is no program poetry on this worker");
  }

  @Test
  void conda_ofThisMachine_makesAnEnvironment() throws Exception {
    assumeTool("micromamba", "mamba", "conda");
    EnvironmentSetting empty =
        travelling(
            EnvironmentKind.CONDA,
            "environment.yml",
            "channels: [nodefaults]\ndependencies: []\nvariables:\n  COLOUR: blue\n");

    try (PreparedEnvironment prepared = fixture.prepare(empty)) {
      assertThat(prepared.path().resolve("environment/conda-meta")).isDirectory();
      assertThat(prepared.effects().variables()).containsEntry("COLOUR", "blue");
    }
  }
}
