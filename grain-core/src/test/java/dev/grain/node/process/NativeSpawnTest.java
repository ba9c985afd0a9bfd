package dev.grain.node.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.grain.node.process.Launch.Output;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Both ways to start a process and to await its end. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the programs are those of Linux")
final class NativeSpawnTest {
  @TempDir Path folder;

  enum Way {
    NATIVE,
    JDK;

    Children open() {
      return this == JDK ? new JdkChildren() : Objects.requireNonNull(NativeChildren.open());
    }
  }

  private Launch launch(String... words) {
    return new Launch(
        List.of(words),
        Map.of("PATH", "/usr/bin:/bin"),
        folder,
        Path.of("/dev/null"),
        new Output(folder.resolve("out"), true),
        new Output(folder.resolve("err"), true));
  }

  private Launch script(String script) {
    return launch("/bin/sh", "-c", script);
  }

  private static Child run(Children children, Launch launch) throws Exception {
    Child child = children.start(launch);
    children.watch(child);
    awaitEnd(children, child);
    return child;
  }

  private static void awaitEnd(Children children, Child child) {
    while (child.isAlive()) {
      assertThat(children.await(TimeUnit.MINUTES.toNanos(1))).isTrue();
    }
  }

  private String output() throws IOException {
    return Files.readString(folder.resolve("out"));
  }

  @ParameterizedTest
  @EnumSource
  void end_hasItsExitCode_orItsSignal(Way way) throws Exception {
    try (Children children = way.open()) {
      assertThat(run(children, script("exit 0")).exitCode()).isZero();
      assertThat(run(children, script("exit 255")).exitCode()).isEqualTo(255);
      assertThat(run(children, script("kill -KILL $$")).exitCode()).isEqualTo(128 + 9);
    }
  }

  @ParameterizedTest
  @EnumSource
  void folderEnvironmentAndStreams_areThoseGiven(Way way) throws Exception {
    Path input = Files.writeString(folder.resolve("in"), "input\n");
    Files.writeString(folder.resolve("out"), "before\n");
    Files.writeString(folder.resolve("err"), "longer than what comes\n");
    Launch launch =
        new Launch(
            List.of("/bin/sh", "-c", "pwd; cat; echo $MINE $HOME; env >&2"),
            Map.of("MINE", "a b=c", "PATH", "/usr/bin:/bin"),
            folder,
            input,
            new Output(folder.resolve("out"), true),
            new Output(folder.resolve("err"), false));
    try (Children children = way.open()) {
      assertThat(run(children, launch).exitCode()).isZero();
    }
    assertThat(output()).isEqualTo("before\n" + folder.toRealPath() + "\ninput\na b=c\n");
    // the shell adds some itself
    assertThat(Files.readAllLines(folder.resolve("err")))
        .contains("MINE=a b=c", "PATH=/usr/bin:/bin")
        .allMatch(line -> line.matches("(MINE|PATH|PWD|OLDPWD|SHLVL|_)=.*"));
  }

  @Test
  void start_programThatIsOpenForWriting_isTriedAgainAndThenRefused() throws Exception {
    Path program = folder.resolve("program");
    Files.copy(Path.of("/bin/true"), program);
    try (Children children = Way.NATIVE.open();
        FileChannel writer = FileChannel.open(program, StandardOpenOption.WRITE)) {
      assumeTrue(refuses(children, program), "This system starts such programs");
      Thread starter = Thread.currentThread();
      Thread closer =
          Thread.ofPlatform()
              .start(() -> {
                while (starter.getState() != Thread.State.TIMED_WAITING) {
                  Thread.onSpinWait();
                }
                closeUnchecked(writer);
              });
      assertThat(run(children, launch(program.toString())).exitCode()).isZero();
      closer.join();
    }
  }

  private boolean refuses(Children children, Path program) throws Exception {
    try {
      run(children, launch(program.toString()));
      return false;
    } catch (IOException e) {
      assertThat(e).hasMessageContaining(program + " is open for writing in a process");
      return true;
    }
  }

  private static void closeUnchecked(FileChannel file) {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void expect_watchIsClosed_isRefused() {
    try (Children children = Children.open()) {
      CommandWatch watch = new CommandWatch(children);
      watch.close();
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(watch::expect)
          .withMessage("the worker is ending");
    }
  }

  @ParameterizedTest
  @EnumSource
  void child_leadsAProcessGroup(Way way) throws Exception {
    try (Children children = way.open()) {
      Child child =
          run(
              children,
              script("read -r pid name state parent group rest </proc/$$/stat; echo $group"));
      assertThat(output()).isEqualTo(child.pid() + "\n");
    }
  }

  @ParameterizedTest
  @EnumSource
  void child_hasNoDescriptorOfItsParent(Way way) throws Exception {
    try (Children children = way.open();
        ServerSocket _ = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Selector _ = Selector.open()) {
      run(children, launch("/bin/ls", "/proc/self/fd"));
      // 3 is the folder that ls reads
      assertThat(output()).isEqualTo("0\n1\n2\n3\n");
    }
  }

  @Test
  void nativeChild_blocksAndIgnoresNoSignal() throws Exception {
    try (Children children = Way.NATIVE.open()) {
      run(children, launch("/bin/grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"));
      assertThat(output().lines()).hasSize(2).allMatch(line -> line.matches("Sig...:\\s+0+"));
    }
  }

  @Test
  void signalsThatTheParentIgnores_endANativeChild() throws Exception {
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(
                "/bin/sh",
                "-c",
                "trap '' INT HUP PIPE; exec \"$@\"",
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                IgnoringParent.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(Files.readString(output)).isEqualTo("129 130 141" + System.lineSeparator());
  }

  /** Starts shells that send themselves signals, in a process that ignores these. */
  static final class IgnoringParent {
    private IgnoringParent() {}

    static void main(String[] arguments) throws Exception {
      NativeSpawnTest test = new NativeSpawnTest();
      test.folder = Path.of(arguments[0]);
      List<String> codes = new ArrayList<>();
      try (Children children = Way.NATIVE.open()) {
        for (String signal : List.of("HUP", "INT", "PIPE")) {
          Child child = run(children, test.script("kill -" + signal + " $$; exit 0"));
          codes.add(String.valueOf(child.exitCode()));
        }
      }
      System.out.println(String.join(" ", codes));
    }
  }

  @Test
  void nativeChild_tellsItsCpuTime() throws Exception {
    try (Children children = Way.NATIVE.open()) {
      assertThat(run(children, script("exit 0")).cpuTime())
          .isBetween(0L, TimeUnit.MINUTES.toNanos(1));
    }
  }

  @ParameterizedTest
  @EnumSource
  void scriptWithoutInterpreter_isRunByTheShell(Way way) throws Exception {
    Path script = Files.writeString(folder.resolve("script"), "echo \"$1\" from a script\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    try (Children children = way.open()) {
      assertThat(run(children, launch(script.toString(), "word")).exitCode()).isZero();
    }
    assertThat(output()).isEqualTo("word from a script\n");
  }

  @Test
  void programThatIsNotThere_orTooManyWords_areNotPossible() throws Exception {
    Path noInterpreter =
        Files.writeString(folder.resolve("script"), "#!" + folder.resolve("none") + "\n");
    assertThat(noInterpreter.toFile().setExecutable(true)).isTrue();
    try (Children children = Way.NATIVE.open()) {
      for (Path program : List.of(folder.resolve("none"), noInterpreter)) {
        assertThatExceptionOfType(NotPossible.class)
            .isThrownBy(() -> children.start(launch(program.toString())))
            .withMessageContaining(program.toString())
            .withMessageContaining("does not exist");
      }
      assertThatExceptionOfType(NotPossible.class)
          .isThrownBy(() -> children.start(launch("/bin/echo", "x".repeat(3 << 20))))
          .withMessageContaining("longer than the system allows");
      assertThatExceptionOfType(NotPossible.class)
          .isThrownBy(() -> children.start(launch(folder.toString())))
          .withMessageContaining("may not run");
    }
  }

  @ParameterizedTest
  @EnumSource
  void wake_endsAWait_andCloseEndsAll(Way way) throws Exception {
    Children children = way.open();
    children.wake();
    assertThat(children.await(TimeUnit.HOURS.toNanos(1))).isTrue();
    Thread closer = Thread.ofPlatform().start(children::close);
    while (children.await(TimeUnit.HOURS.toNanos(1))) {}
    closer.join();
    assertThat(children.await(TimeUnit.HOURS.toNanos(1))).isFalse();
    children.wake();
    children.close();
  }

  @Test
  void twoHundredNativeChildren_fromSeveralThreads_leaveNoDescriptorAndNoZombie() throws Exception {
    List<Child> all = new ArrayList<>();
    int before;
    try (Children children = Way.NATIVE.open()) {
      run(children, script("exit 0"));
      before = descriptors();
      List<Thread> threads = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        threads.add(Thread.ofPlatform().start(() -> startFifty(children, all)));
      }
      while (all(all).size() < 200) {
        children.await(TimeUnit.MILLISECONDS.toNanos(10));
      }
      for (Thread each : threads) {
        each.join();
      }
      for (Child each : all(all)) {
        awaitEnd(children, each);
      }
      assertThat(all).allMatch(each -> each.exitCode() == 7);
      assertThat(all)
          .noneMatch(each ->
              Files.exists(Path.of("/proc/" + each.pid() + "/stat")) && isChild(each.pid()));
      // other threads of this JVM may open some files meanwhile, but not hundreds
      assertThat(descriptors()).isLessThan(before + 50);
    }
  }

  private static List<Child> all(List<Child> all) {
    synchronized (all) {
      return List.copyOf(all);
    }
  }

  private void startFifty(Children children, List<Child> all) {
    for (int i = 0; i < 50; i++) {
      try {
        Child child = children.start(script("exit 7"));
        children.watch(child);
        synchronized (all) {
          all.add(child);
        }
      } catch (IOException | NotPossible e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static boolean isChild(long pid) {
    return ProcessHandle.current().children().anyMatch(child -> child.pid() == pid);
  }

  private static int descriptors() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return (int) files.count();
    }
  }

  // ---- what they leave behind

  @ParameterizedTest
  @EnumSource
  void descendants_areFound_byGroupAndByMark(Way way) throws Exception {
    assumeTrue(ProcessTable.isAvailable());
    String mark = "GRAIN_PROCESS_TEST=" + folder;
    Launch plain =
        script(
            "sleep 1000 & echo $! >children; setsid sleep 1000 & echo $! >>children;"
                + " env -i sleep 1000 & echo $! >>children");
    Launch launch =
        new Launch(
            plain.words(),
            Map.of("PATH", "/usr/bin:/bin", "GRAIN_PROCESS_TEST", folder.toString()),
            folder,
            plain.stdin(),
            plain.stdout(),
            plain.stderr());
    long began = System.nanoTime();
    try (Children children = way.open()) {
      Child child = run(children, launch);
      List<Long> expected =
          Files.readAllLines(folder.resolve("children")).stream().map(Long::valueOf).toList();
      try {
        var pids = Stream.of(child.pid()).mapToLong(Long::longValue).summaryStatistics();
        // the processes may be between fork and exec, where they have no environment
        List<Long> found = List.of();
        while (!found.containsAll(expected)) {
          found =
              ProcessTable.ofDescendants(pids, System.nanoTime() - began, Set.of())
                  .find(child.pid(), mark, child.startedTick())
                  .stream()
                  .map(ProcessTable.Row::pid)
                  .toList();
        }
        assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(ProcessTable.ofDescendants(pids, 0, Set.of()).find(child.pid(), mark, 0))
            .extracting(ProcessTable.Row::pid)
            .containsAll(expected);
      } finally {
        expected.forEach(each -> Signals.send(Signals.KILL, each));
      }
    }
  }
}
