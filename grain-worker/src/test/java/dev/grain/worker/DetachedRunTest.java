package dev.grain.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code grain run --detach} as a process, for a user who has set up nothing. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "a job tells the test by a pipe of Linux")
final class DetachedRunTest {
  @TempDir private Path folder;
  private Path work = Path.of("");
  private Path pipe = Path.of("");

  @BeforeEach
  void makePipe() throws Exception {
    Launcher.assumeTools("bash", "mkfifo");
    work = Files.createDirectories(folder.resolve("work"));
    pipe = work.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
  }

  @AfterEach
  void stopHead() throws Exception {
    try (Launcher stop = grain("head", "stop")) {
      stop.exitCode();
    }
  }

  private Launcher grain(String... words) throws IOException {
    // the launcher of a test has no folder to start in
    List<String> command =
        new ArrayList<>(List.of("bash", "-c", "cd '" + work + "' && exec \"$@\""));
    command.add("bash");
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(LocalWorker.JVM_FLAGS);
    command.addAll(
        List.of("-Xmx128m", "-XX:+UseSerialGC", "-cp", absolute(Cluster.workerClassPath())));
    command.add(GrainCommand.class.getName());
    command.addAll(List.of(words));
    Map<String, String> variables =
        Map.of(
            "XDG_DATA_HOME", folder.resolve("data").toString(),
            "XDG_CONFIG_HOME", folder.resolve("config").toString(),
            "XDG_CACHE_HOME", folder.resolve("cache").toString(),
            "GRAIN_HEAD", "");
    return Launcher.start(folder, variables, command);
  }

  private static String absolute(String classPath) {
    return String.join(
        ":",
        List.of(classPath.split(":")).stream()
            .map(each -> Path.of(each).toAbsolutePath().toString())
            .toList());
  }

  private record Printed(List<String> lines, String errors) {}

  private Printed run(int code, String... words) throws Exception {
    try (Launcher command = grain(words)) {
      List<String> lines = command.lines();
      assertThat(command.exitCode()).as(lines + command.errors()).isEqualTo(code);
      return new Printed(lines, command.errors());
    }
  }

  @Test
  void withoutHead_startsOne_andTheJobRunsThere_inTheFolderOfTheCaller() throws Exception {
    Printed first =
        run(
            0,
            "run",
            "--detach",
            "--memory",
            "50MiB",
            "--label",
            "k=v",
            "sh",
            "-c",
            "echo {{here}} $(pwd) >pipe");
    assertThat(first.lines()).singleElement().asString().matches("\\d\\d-\\d\\d-\\d\\d-1-\\w{3}");
    assertThat(first.errors())
        .contains("started for you", "grain info " + first.lines().getFirst());
    assertThat(Files.readString(pipe)).isEqualTo("{here} " + work.toRealPath() + "\n");

    Printed second = run(0, "run", "--detach", "--json", "--hold", "echo", ":::", "{cpu.ids}", "b");
    assertThat(second.errors()).doesNotContain("started for you").contains("2 jobs are left");
    assertThat(second.lines())
        .satisfiesExactly(
            one -> assertThat(one).contains("\"state\":\"HELD\"", "\"input\":\"{cpu.ids}\""),
            two -> assertThat(two).contains("\"state\":\"HELD\"", "\"input\":\"b\""));

    Files.writeString(
        work.resolve("jobs.yaml"),
        "command: [sh, -c, 'echo from the file >pipe']\nworkingDir: %s\nresources: {memory: 50MiB}\n"
            .formatted(work));
    assertThat(run(0, "run", "--detach", "--job-file", "jobs.yaml").lines()).hasSize(1);
    assertThat(Files.readString(pipe)).isEqualTo("from the file\n");
    Files.writeString(work.resolve("jobs.yaml"), "comand: [true]\n");
    assertThat(run(1, "run", "--detach", "--job-file", "jobs.yaml").errors())
        .contains("jobs.yaml", "line 1", "did you mean \"command\"?");
  }

  @Test
  void headThatIsNotThere_isTold() throws Exception {
    assertThat(run(1, "run", "--detach", "--head", "https://127.0.0.1:1", "true").errors())
        .contains("127.0.0.1:1");
    assertThat(run(2, "run", "--detach", "--head", "http://head", "true").errors())
        .contains("--head", "https");
  }
}
