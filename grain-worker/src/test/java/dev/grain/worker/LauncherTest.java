package dev.grain.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The launcher as in an unpacked archive. The Java that it finds is a script, which notes how it
 * was called and then does what the next line of a plan states.
 */
final class LauncherTest {
  private static final String JAVA =
      """
      #!/usr/bin/env bash
      for argument; do
        if [[ $argument == dev.grain.worker.HeapSize ]]; then
          echo "$*" >"$0.size"
          echo "$HEAP"
          exit
        fi
      done
      echo "$*" >>"$0.calls"
      eval "$(sed -n "$(wc -l <"$0.calls")p" "$0.plan")"
      """;

  private static final String FLAGS =
      "--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
          + " -XX:+UseCompactObjectHeaders";

  @TempDir private Path folder;
  private Path java;

  @BeforeEach
  void install() throws IOException {
    Launcher.assumeTools("bash", "sed", "wc", "sleep");
    Path bin = Files.createDirectories(folder.resolve("a grain/bin"));
    for (String script : List.of("grain", "grain-worker")) {
      Files.copy(Path.of("../bin", script), bin.resolve(script));
      allowExecution(bin.resolve(script));
    }
    Files.createDirectories(folder.resolve("a grain/lib"));
    Files.createFile(folder.resolve("a grain/lib/grain-worker-1.2.3.jar"));
    java = installJava("jdk");
  }

  private Path installJava(String home) throws IOException {
    Path installed = Files.createDirectories(folder.resolve(home + "/bin")).resolve("java");
    Files.writeString(installed, JAVA);
    allowExecution(installed);
    Files.writeString(folder.resolve(home + "/release"), "JAVA_VERSION=\"25.0.9\"\n");
    return installed;
  }

  private static void allowExecution(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void plan(String... lines) throws IOException {
    Files.writeString(Path.of(java + ".plan"), String.join("\n", lines) + "\n");
  }

  private List<String> calls() throws IOException {
    return Files.readAllLines(Path.of(java + ".calls"));
  }

  private Launcher start(Map<String, String> environment, String script, String... arguments)
      throws IOException {
    Map<String, String> all = new HashMap<>(environment);
    all.put("JAVA_HOME", folder.resolve("jdk").toString());
    all.putIfAbsent("HEAP", "-Xmx77k");
    String path = folder.resolve("a grain/bin").resolve(script).toString();
    return Launcher.start(
        folder, all, Stream.concat(Stream.of(path), Stream.of(arguments)).toList());
  }

  private Launcher start(String script, String... arguments) throws IOException {
    return start(Map.of(), script, arguments);
  }

  private String classPath() {
    return "-cp " + folder.resolve("a grain/lib/*");
  }

  @Test
  void worker_getsHeapAndFlags_andGivesItsExitCode() throws Exception {
    plan("exit 6");
    try (Launcher launcher = start("grain-worker", "--name", "a b", "--once")) {
      assertThat(launcher.exitCode()).isEqualTo(6);
      assertThat(launcher.errors()).isEmpty();
    }
    assertThat(calls())
        .containsExactly(
            FLAGS
                + " -Xmx77k "
                + classPath()
                + " dev.grain.worker.GrainCommand worker --name a b --once");
  }

  @Test
  void worker_withFlagsOfTheUser_hasThemLast() throws Exception {
    plan("exit 0");
    try (Launcher launcher = start(Map.of("GRAIN_JAVA_OPTS", "-Xmx1g  -Dx=*"), "grain", "worker")) {
      assertThat(launcher.exitCode()).isZero();
    }
    assertThat(calls())
        .containsExactly(
            FLAGS
                + " -Xmx77k -Xmx1g -Dx=* "
                + classPath()
                + " dev.grain.worker.GrainCommand worker");
  }

  @Test
  void worker_withUnknownHeap_leavesItToTheJvm() throws Exception {
    plan("exit 0");
    try (Launcher launcher = start(Map.of("HEAP", ""), "grain-worker")) {
      assertThat(launcher.exitCode()).isZero();
    }
    assertThat(calls())
        .containsExactly(FLAGS + " " + classPath() + " dev.grain.worker.GrainCommand worker");
  }

  /** Makes the caches as they are after a training run with the Java there. */
  private void makeCaches() throws IOException {
    Path caches = Files.createDirectories(folder.resolve("a grain/aot"));
    Files.createFile(caches.resolve("size.aot"));
    Files.createFile(caches.resolve("worker.aot"));
    Files.createFile(caches.resolve("worker-large.aot"));
    Path jar = folder.resolve("a grain/lib/grain-worker-1.2.3.jar");
    Path times = Files.createDirectory(caches.resolve("times"));
    Files.copy(jar, times.resolve(jar.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
    Files.copy(folder.resolve("jdk/release"), caches.resolve("release"));
  }

  private String withCache(String name, String heap) {
    Path jar = folder.resolve("a grain/lib/grain-worker-1.2.3.jar");
    return "%s -XX:AOTCache=%s -Xlog:aot=off -Xlog:cds=off %s -cp %s dev.grain.worker.GrainCommand worker"
        .formatted(FLAGS, folder.resolve("a grain/aot").resolve(name), heap, jar);
  }

  private String withoutCache() {
    return FLAGS + " -Xmx77k " + classPath() + " dev.grain.worker.GrainCommand worker";
  }

  @ParameterizedTest
  @CsvSource({
    "-Xmx77k, worker.aot",
    "-Xmx33488895k, worker.aot",
    "-Xmx33488896k, worker-large.aot",
    "-Xmx999999999k, worker-large.aot"
  })
  void worker_withACache_usesTheOneForItsHeap(String heap, String cache) throws Exception {
    makeCaches();
    plan("exit 0");
    try (Launcher launcher = start(Map.of("HEAP", heap), "grain-worker")) {
      assertThat(launcher.exitCode()).isZero();
      assertThat(launcher.errors()).isEmpty();
    }
    assertThat(calls()).containsExactly(withCache(cache, heap));
    assertThat(Files.readString(Path.of(java + ".size")))
        .contains(" -XX:AOTCache=" + folder.resolve("a grain/aot/size.aot") + " ");
  }

  @Test
  void worker_withACacheForAnotherJava_leavesItAlone() throws Exception {
    makeCaches();
    Files.writeString(folder.resolve("a grain/aot/release"), "JAVA_VERSION=\"25.0.8\"\n");
    plan("exit 0");
    try (Launcher launcher = start("grain-worker")) {
      assertThat(launcher.exitCode()).isZero();
    }
    assertThat(calls()).containsExactly(withoutCache());
  }

  @Test
  void worker_withACacheOlderThanAJar_leavesItAlone() throws Exception {
    makeCaches();
    Path jar = Files.createFile(folder.resolve("a grain/lib/other.jar"));
    Files.setLastModifiedTime(jar, FileTime.fromMillis(System.currentTimeMillis() + 60_000));
    plan("exit 0");
    try (Launcher launcher = start("grain-worker")) {
      assertThat(launcher.exitCode()).isZero();
    }
    assertThat(calls()).containsExactly(withoutCache());
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', '', ', C.UTF-8'",
    "'', '', C, ', C.UTF-8'",
    "'', POSIX, de_DE.UTF-8, ', C.UTF-8'",
    "C, '', de_DE.UTF-8, 'C.UTF-8, '",
    "'', '', de_DE.ISO-8859-1, ', '",
    "C.UTF-8, '', C, 'C.UTF-8, '"
  })
  void worker_withoutALocale_getsOneWithAllLetters(
      String all, String type, String language, String expected) throws Exception {
    plan("echo \"$LC_ALL, $LC_CTYPE\"; exit 0");
    Map<String, String> locale = Map.of("LC_ALL", all, "LC_CTYPE", type, "LANG", language);
    try (Launcher launcher = start(locale, "grain-worker")) {
      assertThat(launcher.line()).isEqualTo(expected);
      assertThat(launcher.exitCode()).isZero();
    }
  }

  @Test
  void search_forAJdk_needsNoHome() throws Exception {
    String script = folder.resolve("a grain/bin/grain").toString();
    Map<String, String> environment = Map.of("JAVA_HOME", folder.toString());
    List<String> command = List.of("env", "-u", "HOME", script, "--jdk");
    try (Launcher launcher = Launcher.start(folder, environment, command)) {
      assertThat(launcher.exitCode()).isIn(0, 2);
      assertThat(launcher.errors()).doesNotContain("HOME: ");
    }
  }

  @Test
  void worker_isTheProcessOfTheLauncher() throws Exception {
    plan("echo $$; exit 0");
    try (Launcher launcher = start("grain-worker")) {
      assertThat(launcher.line()).isEqualTo(Long.toString(launcher.process().pid()));
      assertThat(launcher.exitCode()).isZero();
    }
  }

  @Test
  void runtimeOfTheArchive_isPreferred() throws Exception {
    plan("exit 1");
    java = installJava("a grain/runtime");
    plan("exit 0");
    try (Launcher launcher = start("grain-worker")) {
      assertThat(launcher.exitCode()).isZero();
    }
    assertThat(calls()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "exit 1,the worker ended with code 1",
    "exit 3,the worker ran out of memory",
    "exit 70,'a job called System.exit, which ended the worker'",
    "kill -9 $$,the worker was killed by SIGKILL",
    "kill -SEGV $$,the worker was killed by SIGSEGV"
  })
  void respawn_afterAFailure_startsAgainAndSaysWhy(String failure, String reason) throws Exception {
    plan("ulimit -c 0; " + failure, "exit 0");
    try (Launcher launcher = start("grain-worker", "--respawn", "--port", "7")) {
      assertThat(launcher.exitCode()).isZero();
      assertThat(launcher.errors()).endsWith("grain-worker: " + reason + "; restarting in 1 s.\n");
    }
    String call =
        FLAGS
            + " -Xmx77k "
            + classPath()
            + " -Dgrain.respawn=true dev.grain.worker.GrainCommand worker --respawn --port 7";
    assertThat(calls()).containsExactly(call, call);
  }

  @Test
  void respawn_inAConfigurationFile_startsAgain() throws Exception {
    plan("exit 1", "exit 0");
    Map<String, String> told = Map.of("HEAP", "-Xmx77k\n--respawn");
    try (Launcher launcher = start(told, "grain-worker", "--config", "worker.yaml")) {
      assertThat(launcher.exitCode()).isZero();
    }
    String call =
        FLAGS
            + " -Xmx77k "
            + classPath()
            + " -Dgrain.respawn=true dev.grain.worker.GrainCommand worker --config worker.yaml";
    assertThat(calls()).containsExactly(call, call);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 4, 5, 6, 143})
  void respawn_afterAnEndOnPurpose_endsWithItsCode(int code) throws Exception {
    plan("exit " + code, "exit 99");
    try (Launcher launcher = start("grain-worker", "--respawn")) {
      assertThat(launcher.exitCode()).isEqualTo(code);
      assertThat(launcher.errors()).isEmpty();
    }
    assertThat(calls()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT", "HUP"})
  void respawn_onASignal_passesItOnAndEnds(String signal) throws Exception {
    Launcher.assumeHeard(signal);
    plan("trap 'echo drained; exit 5' TERM; echo up; while true; do sleep 0.01; done", "exit 99");
    try (Launcher launcher = start("grain-worker", "--respawn")) {
      assertThat(launcher.line()).isEqualTo("up");
      launcher.signal(signal);
      assertThat(launcher.lines()).containsExactly("drained");
      assertThat(launcher.exitCode()).isEqualTo(5);
      assertThat(launcher.errors()).isEmpty();
    }
    assertThat(calls()).hasSize(1);
  }

  @Test
  void respawn_onASignalBetweenTwoWorkers_ends() throws Exception {
    plan("exit 1", "exit 1", "exit 1", "exit 99");
    try (Launcher launcher = start("grain-worker", "--respawn")) {
      while (!launcher.errors().contains("restarting in 4 s.")) {
        Thread.onSpinWait();
      }
      launcher.signal("TERM");
      assertThat(launcher.exitCode()).isZero();
    }
    assertThat(calls()).hasSize(3);
  }

  @Test
  void version_isThatOfTheJar() throws Exception {
    try (Launcher launcher = start("grain", "--version")) {
      assertThat(launcher.lines()).containsExactly("grain 1.2.3");
    }
  }

  @Test
  void help_namesEachCommandButTheDemo() throws Exception {
    try (Launcher launcher = start("grain", "help")) {
      assertThat(String.join("\n", launcher.lines()))
          .contains(
              "  worker ",
              "  workers ",
              "  minion ",
              "  minionize ",
              "  queue create ",
              "  key create ",
              "  key show ",
              "  key rotate ",
              "  cache ")
          .doesNotContain("demo");
    }
  }

  @Test
  void demo_inAnArchive_isRefused() throws Exception {
    try (Launcher launcher = start("grain", "demo")) {
      assertThat(launcher.exitCode()).isEqualTo(2);
      assertThat(launcher.errors())
          .isEqualTo(
              "grain: the demo is not in this archive, only in a checkout of the sources.\n");
    }
  }

  @Test
  void unknownCommand_namesTheNearest() throws Exception {
    plan("echo worker");
    try (Launcher launcher = start("grain", "worke")) {
      assertThat(launcher.exitCode()).isEqualTo(2);
      assertThat(launcher.errors())
          .isEqualTo("grain: there is no command 'worke'; did you mean 'worker'?\n");
    }
    assertThat(calls())
        .singleElement()
        .asString()
        .contains(" dev.grain.worker.NearestCommand worke demo bench simulate run worker workers ");
  }

  @Test
  void unknownCommand_nearNone_refersToTheHelp() throws Exception {
    plan("exit 0");
    try (Launcher launcher = start("grain", "xyzzy")) {
      assertThat(launcher.exitCode()).isEqualTo(2);
      assertThat(launcher.errors())
          .isEqualTo("grain: there is no command 'xyzzy'; 'bin/grain help' lists what there is.\n");
    }
  }
}
