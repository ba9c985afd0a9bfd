package dev.grain.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.git.TestRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code grain run} as a process of its own. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the programs are those of Linux")
final class RunProcessTest {
  @TempDir private Path folder;

  private Launcher start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(LocalWorker.JVM_FLAGS);
    command.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-cp", Cluster.workerClassPath()));
    command.addAll(List.of(GrainCommand.class.getName(), "run"));
    command.addAll(List.of(arguments));
    return Launcher.start(
        folder,
        Map.of("TMPDIR", folder.toString(), "XDG_CACHE_HOME", folder.resolve("cache").toString()),
        command);
  }

  /** Returns the folders for what jobs print, of runs that have not ended or were killed. */
  private List<Path> temporaryFolders() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().startsWith("grain-run-")).toList();
    }
  }

  private static void awaitEnd(String pid) {
    ProcessHandle.of(Long.parseLong(pid)).ifPresent(process -> process.onExit().join());
  }

  @Test
  void exitCode_saysHowJobsEnded() throws Exception {
    try (Launcher good = start("true");
        Launcher failed = start("false");
        Launcher wrong = start("--no-such-flag", "true")) {
      assertThat(good.exitCode()).isZero();
      assertThat(failed.exitCode()).isEqualTo(1);
      assertThat(wrong.exitCode()).isEqualTo(2);
    }
  }

  @Test
  void interrupt_stopsTheJobs_andLeavesNoProcess() throws Exception {
    Launcher.assumeHeard("INT");
    try (Launcher run =
        start("-j2", "--shell", "echo $$; sleep 1000 & wait; {}", ":::", "true", ":", "true")) {
      List<String> jobs = List.of(run.line(), run.line());
      run.signal("INT");
      assertThat(run.exitCode()).isEqualTo(130);
      for (String job : jobs) {
        awaitEnd(job);
      }
      assertThat(run.process().descendants()).isEmpty();
      assertThat(run.errors())
          .contains("grain run: stopping the jobs; a second Ctrl-C kills them at once")
          .contains("0 succeeded, 2 stopped, 1 not started");
    }
  }

  @Test
  void jobThatIgnoresTheTermination_isKilledAfterTheGrace() throws Exception {
    Launcher.assumeHeard("INT");
    String script = "trap '' TERM; echo $$; while :; do sleep 1000; done";
    try (Launcher run = start("--grace", "100ms", "--shell", script)) {
      String job = Objects.requireNonNull(run.line());
      run.signal("INT");
      assertThat(run.exitCode()).isEqualTo(130);
      awaitEnd(job);
      assertThat(run.errors()).contains("0 succeeded, 1 stopped\n");
    }
  }

  @Test
  void secondInterrupt_killsTheJobsAtOnce() throws Exception {
    Launcher.assumeHeard("INT");
    String script = "echo $$; trap 'echo told' TERM; while :; do sleep 1000; done";
    try (Launcher run = start("--grace", "1000h", "--shell", script)) {
      String job = Objects.requireNonNull(run.line());
      run.signal("INT");
      assertThat(run.line()).isEqualTo("told");
      run.signal("INT");
      assertThat(run.exitCode()).isEqualTo(130);
      awaitEnd(job);
    }
  }

  @Test
  void sigtermAgain_changesNothing() throws Exception {
    Path end = folder.resolve("end");
    String script =
        "trap 'echo told' TERM; echo $$; until [ -e '%s' ]; do sleep 0.05; done".formatted(end);
    try (Launcher run = start("--grace", "1000h", "--shell", script)) {
      String job = Objects.requireNonNull(run.line());
      run.signal("TERM");
      assertThat(run.line()).isEqualTo("told");
      for (int i = 0; i < 5; i++) {
        run.signal("TERM");
      }
      Files.createFile(end);
      assertThat(run.exitCode()).isEqualTo(143);
      awaitEnd(job);
      assertThat(run.errors()).contains("0 succeeded, 1 stopped");
    }
  }

  @Test
  void codeFromGit_andItsEnvironment_areReadyForTheJobs() throws Exception {
    TestRepository repository = TestRepository.init(folder.resolve("repository"));
    repository.write("part/data", "from git\n");
    repository.write(
        "part/setup.sh",
        "mkdir $GRAIN_ENVIRONMENT/bin; ln -s /bin/echo $GRAIN_ENVIRONMENT/bin/say\n");
    repository.commit();
    String source = repository.url() + "@main";
    try (Launcher run =
        start(
            "--git",
            source,
            "--path",
            "part",
            "--env",
            "setup.sh",
            "--env",
            "A=1",
            "--shell",
            "cat data; say $A {}",
            ":::",
            "input")) {
      assertThat(run.line()).isEqualTo("from git");
      assertThat(run.line()).isEqualTo("1 input");
      assertThat(run.exitCode()).isZero();
    }
    try (Launcher run = start("--git", repository.url() + "@none", "true")) {
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.errors()).contains("has no branch or tag none. It has the branch main.");
    }
  }

  @Test
  void inputs_areNotKept() throws Exception {
    try (Launcher run = start("--dry-run", "--range", "1..100000", "--range", "1..10", "echo")) {
      long lines = 0;
      while (run.line() != null) {
        lines++;
      }
      assertThat(lines).isEqualTo(1_000_000);
      assertThat(run.exitCode()).isZero();
    }
  }

  @Test
  void rangeInASecondPlace_isNotKept() throws Exception {
    String line = "--range 1..2 --range 1..2000000000 --halt now,done=3 echo";
    try (Launcher run = start(line.split(" "))) {
      assertThat(run.line()).startsWith("1 ");
      assertThat(run.exitCode()).isZero();
      assertThat(run.errors()).contains("grain run: 4000000000 jobs in ");
    }
  }

  @Test
  void manyJobs_fitASmallHeap() throws Exception {
    try (Launcher run = start("-j4", "--range", "1..2000", "true")) {
      assertThat(run.exitCode()).isZero();
      assertThat(run.errors()).contains("grain run: 2000 jobs in ").contains(": 2000 succeeded\n");
    }
  }

  @Test
  void outputThatNobodyReads_endsTheRun() throws Exception {
    try (Launcher run = start("--range", "1..100000", "echo")) {
      assertThat(run.line()).isNotNull();
      run.process().getInputStream().close();
      assertThat(run.exitCode()).isEqualTo(141);
      assertThat(run.errors()).isEmpty();
    }
  }

  @Test
  void runThatWasKilled_goesOnWhereItWas() throws Exception {
    String journal = folder.resolve("journal").toString();
    Path go = folder.resolve("go");
    String[] line = {
      "-j1",
      "-k",
      "--resume",
      journal,
      "--shell",
      "echo {}; test {} = a || test -e " + go + " || sleep 1000",
      ":::",
      "a",
      "b"
    };
    try (Launcher run = start(line)) {
      assertThat(run.line()).isEqualTo("a");
      assertThat(run.line()).isEqualTo("b");
      assertThat(temporaryFolders()).hasSize(1);
      run.signal("KILL");
      assertThat(run.exitCode()).isEqualTo(137);
    }
    Files.createFile(go);
    try (Launcher run = start(line)) {
      assertThat(run.lines()).containsExactly("b");
      assertThat(run.exitCode()).isZero();
      assertThat(run.errors()).endsWith("2 succeeded (1 from the journal)\n");
    }
    assertThat(temporaryFolders()).isEmpty();
  }

  @Test
  void jobs_runOnWorkers() throws Exception {
    try (Cluster cluster = new Cluster(folder)) {
      WorkerProcess worker = cluster.start("--name", "w1");
      try (Launcher run =
          start(
              "--workers",
              worker.address(),
              "--key",
              cluster.key().toString(),
              "-k",
              "--keep-going",
              "--shell",
              "echo {}; printf '\\377\\n' >&2; exit {}",
              ":::",
              "0",
              "3")) {
        assertThat(run.lines()).containsExactly("0", "3");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.errors())
            .contains("job 2 (3) exited with code 3")
            .contains("\ufffd\n")
            .containsPattern("1 +0 +0 .* w1\n")
            .containsPattern("2 +3 +3 .* w1\n")
            .endsWith(": 1 succeeded, 1 failed\n");
      }
    }
  }

  @Test
  void outputFolderOfJobsOnWorkers_hasTheOutputOfTheLastRun() throws Exception {
    try (Cluster cluster = new Cluster(folder)) {
      WorkerProcess worker = cluster.start("--name", "w1");
      Path output = folder.resolve("out");
      Files.createDirectory(output);
      Files.writeString(output.resolve("000001.out"), "earlier\n");
      Files.writeString(output.resolve("000001.err"), "earlier\n");
      String line =
          "--workers %s --key %s --output %s echo now"
              .formatted(worker.address(), cluster.key(), output);
      try (Launcher run = start(line.split(" "))) {
        assertThat(run.exitCode()).isZero();
      }
      assertThat(output.resolve("000001.out")).hasContent("now\n");
      assertThat(output.resolve("000001.err")).isEmptyFile();
    }
  }
}
