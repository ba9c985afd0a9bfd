package dev.grain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.bytes.Bytes;
import dev.grain.message.EnvironmentKind;
import dev.grain.message.EnvironmentSetting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EnvironmentTest {
  @TempDir Path folder;

  private Path write(String name, String content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, content);
  }

  private static EnvironmentSetting setting(Environment environment) {
    return ((DefinedEnvironment) environment).setting();
  }

  @Test
  void file_ofThisMachine_travelsWithWhatItIncludes() throws IOException {
    write("base.txt", "-c limits/all.txt\nnumpy\n");
    write("limits/all.txt", "numpy<3 # a limit\n");
    Path main =
        write(
            "app/requirements.txt",
            "# -r nothing.txt\n--requirement \\\n  ../base.txt\nrequests\n");

    EnvironmentSetting setting = setting(Environment.of(main));

    assertThat(setting.kind()).isEqualTo(EnvironmentKind.VENV);
    assertThat(setting.path()).isEqualTo("app/requirements.txt");
    assertThat(setting.files().sequencedKeySet())
        .containsExactly("app/requirements.txt", "base.txt", "limits/all.txt");
    assertThat(setting.files())
        .containsEntry("base.txt", Bytes.utf8(Files.readString(folder.resolve("base.txt"))));
  }

  @Test
  void file_thatIncludesItself_isReadOnce() throws IOException {
    Path main = write("requirements.txt", "-r other.txt");
    write("other.txt", "-r requirements.txt");

    assertThat(setting(Environment.venv(main)).files()).hasSize(2);
  }

  @Test
  void file_thatIncludesOneThatDoesNotExist_isRefused() throws IOException {
    Path main = write("requirements.txt", "-rgone.txt");

    assertThatThrownBy(() -> Environment.venv(main))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The file %s, which %s names, does not exist. Correct its path."
                .formatted(folder.resolve("gone.txt"), main));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "./tool",
        "../tool",
        "tool/tool-1.0.whl",
        "tool.tar.gz",
        "file:///opt/tool",
        "tool @ file:///opt/tool",
        "./tool[extra] ; python_version > '3'"
      })
  void requirement_thatIsAPath_isRefusedIfItDoesNotTravel(String requirement) throws IOException {
    Path main = write("requirements.txt", "numpy==2\n" + requirement);

    assertThatThrownBy(() -> Environment.venv(main))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("which is not sent to nodes. Put both into the code of the job");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "numpy",
        "numpy[all]==2.1 ; python_version > '3'",
        "tool @ https://example.org/tool.whl",
        "git+ssh://git@example.org/tool.git",
        "--find-links ./wheels",
        "-e git+https://example.org/tool#egg=tool",
        "numpy==2 --hash=sha256:00"
      })
  void requirement_thatIsNoPath_travels(String requirement) throws IOException {
    assertThat(setting(Environment.venv(write("requirements.txt", requirement))).travels())
        .isTrue();
  }

  @Test
  void requirements_thatChangeUnseen_areRefused() throws IOException {
    Path editable = write("requirements.txt", "-e ./tool");
    Path remote = write("requirements-remote.txt", "-r https://me:secret@example.org/all.txt");

    assertThatThrownBy(() -> Environment.venv(editable))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("requires \"-e ./tool\"")
        .hasMessageEndingWith("remove \"-e\".");
    assertThatThrownBy(() -> Environment.venv(remote))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("includes https://example.org/all.txt, whose content may change");
  }

  @Test
  void poetry_travelsWithItsLock_andNeedsOne() throws IOException {
    Path project = write("pyproject.toml", "[tool.poetry]\n");

    assertThatThrownBy(() -> Environment.poetry(project))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "There is no poetry.lock beside %s. Run \"poetry lock\" and keep both together."
                .formatted(project));

    write("poetry.lock", "[[package]]\nname = \"a\"\n");
    assertThat(setting(Environment.of(project)).files())
        .containsOnlyKeys("pyproject.toml", "poetry.lock");

    write("poetry.lock", "[package.source]\ntype = \"directory\"\nurl = \"../tool\"\n");
    assertThatThrownBy(() -> Environment.of(project)).hasMessageContaining("not sent to nodes");
  }

  @Test
  void conda_travelsWithTheRequirementsOfItsPip() throws IOException {
    Path main =
        write(
            "environment.yaml",
            "dependencies:\n- python\n- pip:\n  - \"-r more.txt\"\n  - numpy\n");
    write("more.txt", "scipy");

    assertThat(setting(Environment.of(main)).files())
        .containsOnlyKeys("environment.yaml", "more.txt");
  }

  @Test
  void maven_travelsWithItsParentsThatAreFiles() throws IOException {
    write("pom.xml", "<project><parent><relativePath/></parent></project>");
    write("a/parent.xml", "<project><parent><artifactId>x</artifactId></parent></project>");
    Path pom =
        write(
            "a/b/pom.xml",
            "<project><!-- <parent></parent> --><parent><relativePath> ../parent.xml </relativePath></parent></project>");

    EnvironmentSetting setting = setting(Environment.of(pom));

    assertThat(setting.path()).isEqualTo("a/b/pom.xml");
    assertThat(setting.files()).containsOnlyKeys("a/b/pom.xml", "a/parent.xml", "pom.xml");
  }

  @Test
  void script_travelsAlone_orNamesItsInputsInTheCode() throws IOException {
    assertThat(setting(Environment.of(write("setup.sh", "true"))).files())
        .containsOnlyKeys("setup.sh");

    EnvironmentSetting inCode = setting(Environment.script("setup.sh", "src", "Makefile"));
    assertThat(inCode.travels()).isFalse();
    assertThat(inCode.inputs()).containsExactly("src", "Makefile");
  }

  @Test
  void fileInTheCode_isNamedByItsPath() {
    assertThat(setting(Environment.venv("a/../requirements.txt")).path())
        .isEqualTo("a/../requirements.txt");
    assertThat(setting(Environment.maven()).path()).isEqualTo("pom.xml");
    assertThat(setting(Environment.poetry()).path()).isEqualTo("pyproject.toml");
    assertThat(Environment.conda("environment.yml")).hasToString("conda environment.yml");
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", "../requirements.txt", "a/../../b", "/etc/requirements.txt"})
  void path_thatLeadsOutOfTheCode_isRefused(String path) {
    assertThatThrownBy(() -> Environment.venv(path))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The path %s leads out of the folder of the code. Name a file in that folder."
                .formatted(path));
    assertThatThrownBy(() -> Environment.script("setup.sh", path))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void path_thatIsNone_isRefused() {
    assertThatThrownBy(() -> Environment.venv("")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Environment.conda("a\0b"))
        .hasMessage("\"a\\0b\" is no path of a file.");
    assertThatThrownBy(() -> Environment.venv(folder.resolve("gone.txt")))
        .hasMessage(
            "The file %s does not exist. Correct its path.".formatted(folder.resolve("gone.txt")));
    assertThatThrownBy(() -> Environment.script(folder))
        .hasMessage("The file %s is no file. Correct its path.".formatted(folder));
    assertThatThrownBy(() -> Environment.of(Path.of("/")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void pythonAndTimeout_areChecked() {
    EnvironmentSetting setting =
        setting(
            Environment.venv("requirements.txt")
                .python("python3.12")
                .timeout(Duration.ofMinutes(2)));

    assertThat(setting.python()).isEqualTo("python3.12");
    assertThat(setting.timeLimit()).isEqualTo(Duration.ofMinutes(2).toNanos());
    assertThat(setting(Environment.poetry()).timeLimit())
        .isEqualTo(Duration.ofMinutes(30).toNanos());
    assertThatThrownBy(() -> Environment.maven().python("python3"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "The interpreter of Python can be chosen for Environment.venv and .poetry, but this is maven pom.xml");
    assertThatThrownBy(() -> Environment.poetry().python(""))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Environment.poetry().timeout(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
