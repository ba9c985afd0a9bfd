package dev.grain.node.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.message.ApptainerSetting;
import dev.grain.message.ContainerSetting.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The words by which Apptainer is started. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no Apptainer")
final class ApptainerCommandTest {
  @TempDir private Path folder;
  private Path image;
  private Path programs;
  private Path files;

  @BeforeEach
  void make() throws IOException {
    image = Files.createFile(folder.resolve("train.sif"));
    programs = Files.createDirectories(folder.resolve("bin"));
    files = Files.createDirectories(folder.resolve("7.job"));
  }

  private Path install(String name) throws IOException {
    Path program = Files.createFile(programs.resolve(name));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return program;
  }

  private ApptainerCommand find(ApptainerSetting setting, boolean gpus) throws NotPossible {
    return ApptainerCommand.find(setting, programs.toString(), folder, gpus, files);
  }

  @Test
  void words_keepTheContainerApart_andMountWhatItNeeds() throws Exception {
    Path program = install("apptainer");
    Path code = Path.of("/code");

    List<String> words =
        find(ApptainerSetting.of("train.sif"), false)
            .words(List.of("python3", "a b"), "/code/jobs", ApptainerCommand.shared(code));

    assertThat(words)
        .containsExactly(
            program.toString(),
            "--quiet",
            "exec",
            "--containall",
            "--no-eval",
            "--no-privs",
            "--workdir",
            files.resolve("own").toString(),
            "--mount",
            "type=bind,source=" + files + ",destination=/grain",
            "--mount",
            "type=bind,source=/code,destination=/code",
            "--pwd",
            "/code/jobs",
            image.toString(),
            "python3",
            "a b");
    assertThat(files.resolve("own")).isDirectory();
  }

  @Test
  void words_haveGpusMountsAndOptions() throws Exception {
    install("apptainer");
    String strange = folder + "/a,\"b";
    Files.createFile(Path.of(strange));
    ApptainerSetting setting =
        new ApptainerSetting(
            "train.sif",
            List.of(new Mount(folder.toString(), "/data", true), new Mount(strange, "/c,d", false)),
            new LinkedHashMap<>(),
            List.of("--writable-tmpfs"));

    List<String> words = find(setting, true).words(List.of("x"), "/", ApptainerCommand.shared());

    assertThat(words)
        .contains(
            "--nv",
            "type=bind,source=" + folder + ",destination=/data,ro",
            "type=bind,\"source=" + folder + "/a,\"\"b\",\"destination=/c,d\"")
        .containsSubsequence("--pwd", "/", "--writable-tmpfs", image.toString(), "x");
  }

  @Test
  void singularity_isTakenWhereApptainerIsMissing() throws Exception {
    Path singularity = install("singularity");

    ApptainerCommand found = find(ApptainerSetting.of("train.sif"), false);

    assertThat(found.program()).isEqualTo(singularity);
    assertThat(found.forContainer(Map.of("MODE", "fast")))
        .isEqualTo(Map.of("SINGULARITYENV_MODE", "fast"));
    install("apptainer");
    assertThat(find(ApptainerSetting.of("train.sif"), false).forContainer(Map.of("MODE", "fast")))
        .isEqualTo(Map.of("APPTAINERENV_MODE", "fast"));
  }

  @Test
  void whatIsMissingOnTheNode_isNamed() throws Exception {
    assertThatThrownBy(() -> find(ApptainerSetting.of("train.sif"), false))
        .isInstanceOfSatisfying(NotPossible.class, e -> assertThat(e.isOfThisNode()).isTrue())
        .hasMessageStartingWith("there is no program apptainer or singularity on the PATH");
    install("apptainer");
    assertThatThrownBy(() -> find(ApptainerSetting.of("other.sif"), false))
        .hasMessage("there is no image %s on this worker".formatted(folder.resolve("other.sif")));
    ApptainerSetting setting =
        new ApptainerSetting(
            "train.sif",
            List.of(new Mount("/nowhere", "/data", true)),
            new LinkedHashMap<>(),
            List.of());
    assertThatThrownBy(() -> find(setting, false))
        .hasMessage("there is no /nowhere on this worker, which its container is to have as /data");
  }

  @Test
  void shared_foldersWithinOthersOrOfAllFiles_areLeftOut() {
    assertThat(
            ApptainerCommand.shared(
                Path.of("/a/b"), Path.of("/a/b/c"), Path.of("/"), Path.of("/d")))
        .containsExactly(Path.of("/a/b"), Path.of("/d"));
  }
}
