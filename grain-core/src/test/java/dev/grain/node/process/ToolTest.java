package dev.grain.node.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.testing.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(value = OS.LINUX, disabledReason = "the programs are those of Linux")
final class ToolTest {
  private static final Duration LONG = Duration.ofMinutes(5);

  @TempDir private Path folder;

  private Tool.End run(String script, Duration limit) throws IOException, InterruptedException {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("TMPDIR", Files.createDirectories(folder.resolve("tmp")).toString());
    return Tool.run(List.of("/bin/sh", "-c", script), environment, folder, limit);
  }

  private String pid() throws IOException, InterruptedException {
    return Processes.awaitLine(folder.resolve("pid"));
  }

  private void assertNoTemporaryFiles() throws IOException {
    try (Stream<Path> left = Files.list(folder.resolve("tmp"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void tool_thatEnds_givesItsExitCodeAndBothStreams() throws Exception {
    Tool.End end = run("echo one; echo two >&2; cat; touch \"$TMPDIR/left\"; exit 3", LONG);

    assertThat(end).isEqualTo(new Tool.End(3, "one\ntwo\n", false));
    assertNoTemporaryFiles();
  }

  @Test
  void tool_thatIsKilledByASignal_givesItsNumber() throws Exception {
    assertThat(run("kill -9 $$", LONG).exitCode()).isEqualTo(137);
  }

  @Test
  void tool_thatPrintsALot_givesTheEnd() throws Exception {
    Tool.End end = run("i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done", LONG);

    assertThat(end.output()).hasSize(16 * 1024).endsWith("line 4998\nline 4999\n");
  }

  @Test
  void tool_thatLeavesProcesses_leavesNone() throws Exception {
    run("setsid sh -c 'echo $$ >pid; exec sleep 1000' & while [ ! -s pid ]; do :; done", LONG);

    assertThat(Processes.isAlive(pid())).isFalse();
  }

  @Test
  void tool_whoseTimeIsOver_isKilledWithAllItHasStarted() throws Exception {
    Tool.End end =
        run("sh -c 'echo $$ >pid; exec sleep 1000' & echo begun; wait", Duration.ofSeconds(2));

    assertThat(end.timedOut()).isTrue();
    assertThat(Files.notExists(folder.resolve("pid")) || !Processes.isAlive(pid())).isTrue();
    assertNoTemporaryFiles();
  }

  @Test
  void interrupt_killsTheToolWithAllItHasStarted() throws Exception {
    FutureTask<Tool.End> task =
        new FutureTask<>(() -> run("sh -c 'echo $$ >pid; exec sleep 1000' & wait", LONG));
    Thread thread = Thread.ofPlatform().start(task);
    String pid = pid();

    thread.interrupt();

    assertThatThrownBy(() -> task.get(1, TimeUnit.MINUTES))
        .hasCauseInstanceOf(InterruptedException.class);
    assertThat(Processes.isAlive(pid)).isFalse();
    thread.join();
    assertNoTemporaryFiles();
  }

  @Test
  void program_thatDoesNotExist_isAnError() {
    assertThatThrownBy(
            () -> Tool.run(List.of("/no/such/program"), Map.of(), Path.of("/no/such/folder"), LONG))
        .isInstanceOf(IOException.class);
  }
}
