package dev.grain.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.key.ClusterKey;
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

/** {@code grain head} as processes of its own. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the signals are those of Linux")
final class HeadCommandTest {
  @TempDir private Path folder;
  private Path config = Path.of("");
  private int port;

  @BeforeEach
  void configure() throws IOException {
    config = folder.resolve("head.yaml");
    port = Ports.free();
    ClusterKey.create(folder.resolve("cluster.key"));
    write("data");
  }

  /** Ends a worker that a head has started which a failed test has killed. */
  @AfterEach
  void endWorker() throws IOException {
    Path file = folder.resolve("data/worker.pid");
    if (Files.exists(file)) {
      ProcessHandle.of(Long.parseLong(Files.readAllLines(file).getFirst()))
          .ifPresent(worker -> {
            worker.destroyForcibly();
            worker.onExit().join();
          });
    }
  }

  private void write(String data) throws IOException {
    Files.writeString(
        config,
        "data: %s\nlisten: 127.0.0.1:%s\nhttps: 127.0.0.1:0\nkey: cluster.key\n"
            .formatted(data, port));
  }

  private Launcher head(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(LocalWorker.JVM_FLAGS);
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-cp", Cluster.workerClassPath()));
    command.addAll(List.of(GrainCommand.class.getName(), "head"));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--config", config.toString()));
    return Launcher.start(folder, Map.of(), command);
  }

  private String run(int code, String... arguments) throws Exception {
    try (Launcher command = head(arguments)) {
      String printed = String.join("\n", command.lines());
      assertThat(command.exitCode()).as(printed + command.errors()).isEqualTo(code);
      return printed + command.errors();
    }
  }

  @Test
  void start_runsUntilItIsStopped_andSaysWhatItDoes() throws Exception {
    assertThat(run(1, "status")).contains("No head runs with the data in " + folder);
    try (Launcher head = head("start")) {
      assertThat(head.line())
          .as(head.errors())
          .matches(
              "grain-head ready on 127.0.0.1:%s: 0 jobs that have not ended; data in %s; https://127.0.0.1:\\d+ with the key \\S+"
                  .formatted(port, folder.resolve("data")));
      assertThat(run(0, "status"))
          .contains(
              "runs as the process " + head.process().pid(),
              "workers dial 127.0.0.1:%s, and it serves https://127.0.0.1:".formatted(port));
      assertThat(run(1, "start")).contains("grain head start: ", "grain head stop");
      assertThat(run(1, "reset-admin")).contains("grain head reset-admin: ", "grain head stop");
      assertThat(run(0, "verify")).contains("in order");
      assertThat(run(0, "backup", folder.resolve("copy.db").toString())).contains("copy.db");
      assertThat(run(1, "backup", folder.resolve("copy.db").toString())).contains("exists");
      // another data folder, and the same port
      write("other");
      assertThat(run(1, "start")).contains(String.valueOf(port));
      write("data");
      assertThat(run(0, "stop")).contains("has ended");
      assertThat(head.exitCode()).as(head.errors()).isZero();
      assertThat(head.errors()).isEmpty();
    }
    assertThat(run(1, "stop")).contains("No head runs");
    String token = Files.readString(folder.resolve("data/admin.token"));
    assertThat(run(0, "reset-admin")).contains("data/admin.token");
    assertThat(Files.readString(folder.resolve("data/admin.token"))).isNotEqualTo(token);
    assertThat(Files.size(folder.resolve("copy.db"))).isPositive();
    assertThat(run(0, "verify")).contains("in order");
    assertThat(run(0, "backup", folder.resolve("later.db").toString())).contains("later.db");
  }

  @Test
  void startInTheBackground_returnsWhenItIsReady() throws Exception {
    assertThat(run(0, "start", "--background")).startsWith("grain-head ready on ");
    try {
      assertThat(run(0, "status")).contains("The head runs as the process ");
      assertThat(run(3, "start", "--background")).contains("runs already");
    } finally {
      run(0, "stop");
    }
    // what prevents it is told as if it was in the foreground
    Files.writeString(folder.resolve("cluster.key"), "damaged");
    assertThat(run(1, "start", "--background")).contains("cluster.key");
  }

  @Test
  void startLocal_hasAWorkerBesideIt_andBothEndWhenTheyAreIdle() throws Exception {
    Path data = folder.resolve("data");
    try (Launcher head = head("start", "--local", "--idle", "1s")) {
      // other ports than those of the file, which may be those of a head for all
      assertThat(head.line())
          .as(head.errors())
          .startsWith("grain-head ready on 127.0.0.1:")
          .doesNotContain(":" + port + ":");
      assertThat(Files.readString(data.resolve("https.url"))).matches("https://127.0.0.1:\\d+\n");
      long worker = Long.parseLong(Files.readAllLines(data.resolve("worker.pid")).getFirst());
      assertThat(head.exitCode()).as(head.errors()).isZero();
      assertThat(ProcessHandle.of(worker)).isEmpty();
      assertThat(data.resolve("worker.pid")).doesNotExist();
      assertThat(data.resolve("https.url")).doesNotExist();
    }
  }

  @Test
  void killedLocalHead_hasItsWorkerAgain_inItsNextLife() throws Exception {
    Path file = folder.resolve("data/worker.pid");
    String worker;
    try (Launcher head = head("start", "--local")) {
      assertThat(head.line()).as(head.errors()).startsWith("grain-head ready");
      worker = Files.readString(file);
      head.process().destroyForcibly().waitFor();
      assertThat(ProcessHandle.of(Long.parseLong(worker.lines().toList().getFirst()))).isPresent();
    }
    try (Launcher head = head("start", "--local")) {
      assertThat(head.line()).as(head.errors()).startsWith("grain-head ready");
      assertThat(Files.readString(file)).isEqualTo(worker);
      assertThat(run(0, "stop")).contains("has ended");
      assertThat(ProcessHandle.of(Long.parseLong(worker.lines().toList().getFirst()))).isEmpty();
    }
  }

  @Test
  void mistakes_areToldByLine() throws Exception {
    Files.writeString(config, "data: data\nlisen: 127.0.0.1:0\n");
    assertThat(run(2, "start")).contains("head.yaml, line 2", "did you mean 'listen'?");
    assertThat(run(2, "strat")).contains("did you mean start?");
  }
}
