package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.grain.Code;
import dev.grain.Command;
import dev.grain.CommandResult;
import dev.grain.Credentials;
import dev.grain.Environment;
import dev.grain.GrainExecutor;
import dev.grain.Job;
import dev.grain.JobNotStartedException;
import dev.grain.JobOptions;
import dev.grain.JobStatus;
import dev.grain.RunOptions;
import dev.grain.Secret;
import dev.grain.git.HttpServer;
import dev.grain.git.TestRepository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What workers make ready for commands before these start: code and environments. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the programs are those of Linux")
final class PreparationTest {
  @TempDir private static Path files;
  private static Cluster cluster;

  @TempDir private Path folder;

  @BeforeAll
  static void startWorker() throws IOException {
    cluster = new Cluster(files, "256m");
    cluster.start();
  }

  @AfterAll
  static void endWorker() throws Exception {
    Checker.assertEndsCleanly(cluster);
    cluster.close();
  }

  private static GrainExecutor open() {
    return GrainExecutor.open(cluster.over(cluster.living().getFirst()));
  }

  private static Command script(String script) {
    return Command.of(script).shell("sh");
  }

  private static JobOptions with(Code code) {
    return JobOptions.of(cpu(1)).code(code);
  }

  private TestRepository repository() throws IOException {
    return TestRepository.init(folder.resolve("repository"));
  }

  @Test
  void command_withCodeFromGit_runsInItsFolder() throws Exception {
    TestRepository repository = repository();
    repository.write("jobs/input.txt", "from git").write("jobs/run.sh", "#!/bin/sh\ncat input.txt");
    repository.folder().resolve("jobs/run.sh").toFile().setExecutable(true);
    String first = repository.commit();
    repository.write("jobs/input.txt", "a later commit").commit();
    try (GrainExecutor grain = open()) {
      Code.Git code = Code.git(repository.url()).pathInRepo("jobs");
      assertThat(grain.exec(with(code), Command.of("./run.sh")).stdout())
          .isEqualTo("a later commit");
      assertThat(grain.exec(with(code.commit(first)), Command.of("./run.sh")).stdout())
          .isEqualTo("from git");
    }
  }

  @Test
  void command_thatChangesItsCode_changesItForNoOther_andLeavesNothing() throws Exception {
    TestRepository repository = repository();
    repository.write("jobs/input.txt", "from git").write("shared.txt", "shared").commit();
    try (GrainExecutor grain = open()) {
      JobOptions options = with(Code.git(repository.url()).pathInRepo("jobs"));
      List<CommandResult> results =
          grain.map(
              options,
              Command.template(
                      "ls; cat input.txt ../shared.txt; echo {} >input.txt; echo {} >output.txt;"
                          + " rm ../shared.txt; cat output.txt")
                  .shell("sh"),
              List.of(1, 2, 3, 4, 5));
      for (int number = 1; number <= 5; number++) {
        assertThat(results.get(number - 1).stdout())
            .isEqualTo("input.txt\nfrom gitshared" + number + "\n");
      }
      assertThat(grain.exec(options, script("cat input.txt")).stdout()).isEqualTo("from git");
    }
    awaitNoCopies();
  }

  /** The worker removes the copies of checkouts when it knows that the run is over. */
  private static void awaitNoCopies() throws IOException {
    boolean none = false;
    while (!none) {
      try (Stream<Path> all = Files.list(files.resolve("cache/git/copies"))) {
        none = all.findAny().isEmpty();
      }
    }
  }

  @Test
  void branch_thatMoves_isLookedUpOnceForTheSameOptions() throws Exception {
    TestRepository repository = repository();
    repository.write("version", "1").commit();
    try (GrainExecutor grain = open()) {
      JobOptions known = with(Code.git(repository.url()).branch("main"));
      assertThat(grain.exec(known, script("cat version")).stdout()).isEqualTo("1");
      repository.write("version", "2").commit();
      List<CommandResult> results =
          grain.map(known, Command.template("sh", "-c", "cat version"), List.of(1, 2, 3));
      assertThat(results).extracting(CommandResult::stdout).containsOnly("1");
      JobOptions other = with(Code.git(repository.url()).branch("main"));
      assertThat(grain.exec(other, script("cat version")).stdout()).isEqualTo("2");
    }
  }

  @Test
  void branch_thatDoesNotExist_failsEachJobWithoutARetry() throws Exception {
    TestRepository repository = repository();
    repository.write("file", "").commit();
    try (GrainExecutor grain = open()) {
      JobOptions options = with(Code.git(repository.url()).branch("mian")).retries(3);
      Job<CommandResult> one = grain.submit(options, Command.of("true"));
      Job<CommandResult> other = grain.submit(options, Command.of("true"));
      for (Job<CommandResult> each : List.of(one, other)) {
        assertThatExceptionOfType(JobNotStartedException.class)
            .isThrownBy(each::result)
            .withMessageContaining("mian")
            .withMessageContaining("main");
      }
    }
  }

  @Test
  void privateRepository_isReadWithALoginOfTheProgram_whichTheWorkerDoesNotKeep() throws Exception {
    String password = "s3cret-" + System.nanoTime();
    Path login = folder.resolve("login");
    TestRepository repository = TestRepository.init(folder.resolve("served/team/jobs"));
    repository.write("data", "private").commit();
    try (HttpServer server = HttpServer.start(folder.resolve("served"), "alice:" + password)) {
      String url = server.url("team/jobs");
      RunOptions options =
          cluster
              .over(cluster.living().getFirst())
              .credentials(Credentials.git(server.url("team"), Secret.file(login)));
      try (GrainExecutor grain = GrainExecutor.open(options)) {
        Files.writeString(login, "alice\nwrong\n");
        assertThatExceptionOfType(JobNotStartedException.class)
            .isThrownBy(() -> grain.exec(with(Code.git(url)), script("cat data")))
            .withMessageContaining("alice")
            .withMessageNotContaining("wrong\n");
        Files.writeString(login, "alice\n" + password + "\n");
        assertThat(grain.exec(with(Code.git(url)), script("cat data; env")).stdout())
            .startsWith("private")
            .doesNotContain(password);
      }
    }
    awaitNoCopies();
    try (Stream<Path> kept = Files.walk(files)) {
      for (Path each : kept.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(each, StandardCharsets.ISO_8859_1))
            .as("%s", each)
            .doesNotContain(password);
      }
    }
  }

  @Test
  void folderOfTheWorker_isWhereACommandRuns() throws Exception {
    Files.writeString(folder.resolve("here"), "found");
    try (GrainExecutor grain = open()) {
      assertThat(grain.exec(with(Code.folder(folder.toString())), script("cat here")).stdout())
          .isEqualTo("found");
      assertThatExceptionOfType(JobNotStartedException.class)
          .isThrownBy(() ->
              grain.exec(with(Code.folder(folder.resolve("none").toString())), script("cat here")))
          .withMessageContaining("none for its code does not exist");
    }
  }

  @Test
  void environment_isMadeOnce_andItsProgramsAreFound() throws Exception {
    Path made = folder.resolve("made");
    Path script = folder.resolve("setup.sh");
    Files.writeString(
        script,
        """
        echo made >> '%s'
        mkdir -p "$GRAIN_ENVIRONMENT/bin"
        printf '#!/bin/sh\\necho of the environment\\n' > "$GRAIN_ENVIRONMENT/bin/tool"
        chmod +x "$GRAIN_ENVIRONMENT/bin/tool"
        """
            .formatted(made));
    try (GrainExecutor grain = open()) {
      JobOptions options = JobOptions.of(cpu(1)).environment(Environment.script(script));
      for (int i = 0; i < 3; i++) {
        assertThat(grain.exec(options, Command.of("tool")).stdout())
            .isEqualTo("of the environment\n");
      }
    }
    assertThat(made).hasContent("made");
  }

  @Test
  void preparation_holdsNoSlots_isExplained_andEndsWithItsLastJob() throws Exception {
    Path started = folder.resolve("started");
    Path script = folder.resolve("setup.sh");
    Files.writeString(
        script,
        "echo $$ > '%s.part'; mv '%s.part' '%s'; exec sleep 1000\n"
            .formatted(started, started, started));
    try (GrainExecutor grain = open()) {
      JobOptions options = JobOptions.of(cpu(2)).environment(Environment.script(script));
      Job<CommandResult> waiting = grain.submit(options, Command.of("true"));
      while (!Files.exists(started)) {
        Thread.onSpinWait();
      }
      assertThat(grain.exec(cpu(2), script("echo beside")).stdout()).isEqualTo("beside\n");
      assertThat(waiting.status()).isEqualTo(JobStatus.SENT);
      assertThat(grain.explain(waiting.id())).contains("is being prepared on").contains("setup.sh");
      waiting.cancel();
      ProcessHandle.of(Long.parseLong(Files.readString(started).strip()))
          .ifPresent(tool -> tool.onExit().join());
    }
  }
}
