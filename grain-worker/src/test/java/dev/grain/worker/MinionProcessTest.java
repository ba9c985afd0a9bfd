package dev.grain.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.git.TestRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code grain minion} as a process of its own, with what only a node with all libraries can do.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the programs are those of Linux")
final class MinionProcessTest {
  @TempDir private Path folder;

  private Launcher start(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(List.of("sh", "-c", "cd \"$0\" && exec \"$@\"", folder.toString()));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(LocalWorker.JVM_FLAGS);
    command.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-cp", Cluster.workerClassPath()));
    command.add(GrainCommand.class.getName());
    command.addAll(List.of(arguments));
    return Launcher.start(
        folder, Map.of("XDG_CACHE_HOME", folder.resolve("cache").toString()), command);
  }

  private void queue(String... arguments) throws Exception {
    List<String> words = new ArrayList<>(List.of("queue"));
    words.addAll(List.of(arguments));
    try (Launcher queue = start(words.toArray(String[]::new))) {
      assertThat(queue.exitCode()).as("%s", queue.errors()).isZero();
    }
  }

  @Test
  void codeFromGit_andItsEnvironment_areReadyForTheItems() throws Exception {
    TestRepository repository = TestRepository.init(folder.resolve("repository"));
    repository.write("part/data", "from git");
    repository.write(
        "part/setup.sh",
        "mkdir $GRAIN_ENVIRONMENT/bin; ln -s /bin/echo $GRAIN_ENVIRONMENT/bin/say\n");
    repository.write("part/run", "#!/bin/sh\nsay $(cat data) $A $1\n");
    repository.commit();
    Files.writeString(
        folder.resolve(".minion.yml"),
        """
        queue: q
        git: %s@main
        path: part
        environment: setup.sh
        command: [sh, ./run]
        """
            .formatted(repository.url()));
    queue("create", "q", "--range", "1..2");
    try (Launcher minion = start("minionize", "--quiet")) {
      assertThat(minion.lines()).containsExactly("from git 1", "from git 2");
      assertThat(minion.exitCode()).as("%s", minion.errors()).isZero();
      assertThat(minion.errors()).isEmpty();
    }
  }

  @Test
  void environmentOfAFile_isThatOfThisFolder() throws Exception {
    Files.writeString(
        folder.resolve("setup.sh"), "echo GREETING=hello >$GRAIN_ENVIRONMENT/environment\n");
    queue("create", "sweeps", "--range", "1..1");
    try (Launcher minion =
        start(
            "minion", "--env=setup.sh", "--env=NAME=you", "sh", "-c", "echo $GREETING $NAME $0")) {
      assertThat(minion.lines()).containsExactly("hello you 1");
      assertThat(minion.exitCode()).as("%s", minion.errors()).isZero();
    }
  }

  @Test
  void environmentThatFails_endsTheMinionAfterAFew_andKeepsTheItems() throws Exception {
    Files.writeString(folder.resolve("setup.sh"), "echo no compiler here >&2; exit 3\n");
    queue("create", "sweeps", "--range", "1..9");
    try (Launcher minion = start("minion", "--env=setup.sh", "--parallel=2", "echo")) {
      assertThat(minion.lines()).isEmpty();
      assertThat(minion.exitCode()).isEqualTo(1);
      assertThat(minion.errors())
          .contains("The minion has ended, as jobs cannot be started: ")
          .contains("no compiler here");
    }
    try (Launcher stat = start("queue", "stat", "sweeps", "--json")) {
      assertThat(stat.line())
          .isEqualTo("{\"ready\":9,\"in_flight\":0,\"done\":0,\"dead\":0,\"minions\":0}");
    }
  }

  @Test
  void sigtermAgain_changesNothing() throws Exception {
    queue("create", "sweeps", "--range", "1..1");
    String script = "echo begun; until [ -e go ]; do sleep 0.05; done";
    try (Launcher minion = start("minion", "--grace=1000h", "sh", "-c", script)) {
      assertThat(minion.line()).isEqualTo("begun");
      for (int i = 0; i < 5; i++) {
        minion.signal("TERM");
      }
      Files.createFile(folder.resolve("go"));
      assertThat(minion.exitCode()).as("%s", minion.errors()).isZero();
      assertThat(minion.errors()).contains("1 item done in ").contains("; stopped");
    }
  }

  @Test
  void interruptAfterASignal_endsItAtOnce_withTheProgramsOfItems() throws Exception {
    Launcher.assumeHeard("INT");
    queue("create", "sweeps", "--range", "1..1");
    String script = "echo $$; trap '' TERM INT; while :; do sleep 1000; done";
    try (Launcher minion = start("minion", "--grace=1000h", "sh", "-c", script)) {
      String item = minion.line();
      minion.signal("TERM");
      while (minion.process().isAlive()) {
        // it may have ended just now
        new ProcessBuilder(
                "sh", "-c", "kill -INT " + minion.process().pid() + " 2>/dev/null || true")
            .start()
            .waitFor();
      }
      assertThat(minion.exitCode()).isEqualTo(130);
      ProcessHandle.of(Long.parseLong(item)).ifPresent(process -> process.onExit().join());
    }
  }
}
