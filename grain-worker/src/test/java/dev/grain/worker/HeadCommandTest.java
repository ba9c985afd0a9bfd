package dev.grain.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.key.ClusterKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
      assertThat(run(0, "status")).contains("runs as the process " + head.process().pid());
      assertThat(run(1, "start")).contains("grain head start: ", "grain head stop");
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
    assertThat(Files.size(folder.resolve("copy.db"))).isPositive();
    assertThat(run(0, "verify")).contains("in order");
    assertThat(run(0, "backup", folder.resolve("later.db").toString())).contains("later.db");
  }

  @Test
  void startInTheBackground_returnsWhenItIsReady() throws Exception {
    assertThat(run(0, "start", "--background")).startsWith("grain-head ready on ");
    try {
      assertThat(run(0, "status")).contains("The head runs as the process ");
      assertThat(run(1, "start", "--background")).contains("runs already");
    } finally {
      run(0, "stop");
    }
    // what prevents it is told as if it was in the foreground
    Files.writeString(folder.resolve("cluster.key"), "damaged");
    assertThat(run(1, "start", "--background")).contains("cluster.key");
  }

  @Test
  void mistakes_areToldByLine() throws Exception {
    Files.writeString(config, "data: data\nlisen: 127.0.0.1:0\n");
    assertThat(run(2, "start")).contains("head.yaml, line 2", "did you mean 'listen'?");
    assertThat(run(2, "strat")).contains("did you mean start?");
  }
}
