package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.source.util.JavacTask;
import dev.grain.Code;
import dev.grain.Environment;
import dev.grain.FunctionRef;
import dev.grain.GrainExecutor;
import dev.grain.Job;
import dev.grain.JobCancelledException;
import dev.grain.JobFailedException;
import dev.grain.JobNotStartedException;
import dev.grain.JobOptions;
import dev.grain.JobTimedOutException;
import dev.grain.RemoteException;
import dev.grain.RunOptions;
import dev.grain.git.HttpServer;
import dev.grain.git.TestRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Functions with code from git and from folders, and functions by their names. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "git and /proc are those of Linux")
final class FunctionCodeTest {
  private static final String JOBS =
      """
      package com.acme;
      public class Jobs {
        public record Atom(String name, int charge) {}
        public static class Unknown extends RuntimeException {
          public Unknown(String message) { super(message); }
        }
        private static int calls;
        public static double energy(String molecule, int charge) {
          return molecule.length() + charge / 2.0;
        }
        public static String version() { return "VERSION"; }
        public static int calls() { return ++calls; }
        public static java.util.List<Atom> atoms(int count) {
          return java.util.stream.IntStream.range(0, count).mapToObj(i -> new Atom("a" + i, i)).toList();
        }
        public static String echo(String text) { return text; }
        public static void nothing() {}
        public static void fail(boolean known) {
          throw known ? new IllegalStateException("known") : new Unknown("not known");
        }
        public static void sleep() throws InterruptedException { Thread.sleep(1_000_000); }
        public static String variable(String name) { return System.getenv(name); }
        public static String resource(String name) throws java.io.IOException {
          try (var in = Thread.currentThread().getContextClassLoader().getResourceAsStream(name)) {
            return new String(in.readAllBytes());
          }
        }
        public static void exit() { System.exit(3); }
      }
      """;

  @TempDir private static Path files;
  private static Cluster cluster;

  @TempDir private Path folder;

  /** Where functions run. */
  enum Place {
    WORKER,
    ISOLATED,
    EMBEDDED,
    EMBEDDED_ISOLATED;

    GrainExecutor open() {
      return GrainExecutor.open(
          this == WORKER || this == ISOLATED ? overWorker() : cluster.options());
    }

    JobOptions options(Code code) {
      JobOptions options = JobOptions.of(cpu(1)).code(code);
      return this == ISOLATED || this == EMBEDDED_ISOLATED ? options.isolated() : options;
    }
  }

  /** What the program calls of a class that it does not have. */
  static final class Program {
    private Program() {}

    /** Finds a class as the code of this class would. */
    static String version() throws ReflectiveOperationException {
      return (String) Class.forName("com.acme.Jobs").getMethod("version").invoke(null);
    }

    /** Uses a class of the JDK that the loader of the program finds. */
    static boolean usesCompiler() {
      return ToolProvider.getSystemJavaCompiler()
              .getTask(null, null, null, null, List.of("java.lang.Object"), null)
          instanceof JavacTask;
    }
  }

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

  private static RunOptions overWorker() {
    return cluster.over(cluster.living().getFirst());
  }

  private static <R> FunctionRef<R> jobs(String method, Class<R> type) {
    return FunctionRef.named("com.acme.Jobs::" + method).returning(type);
  }

  /** Compiles classes. */
  private void compile(Path target, Map<String, String> sources, Path... classPath)
      throws IOException {
    Path from = Files.createTempDirectory(folder, "sources");
    List<String> arguments = new ArrayList<>(List.of("-d", target.toString(), "-proc:none"));
    if (classPath.length > 0) {
      arguments.addAll(
          List.of("-cp", String.join(":", Stream.of(classPath).map(Path::toString).toList())));
    }
    for (Map.Entry<String, String> each : sources.entrySet()) {
      Path file = from.resolve(each.getKey().replace('.', '/') + ".java");
      Files.createDirectories(file.getParent());
      arguments.add(Files.writeString(file, each.getValue()).toString());
    }
    assertThat(
            ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, arguments.toArray(String[]::new)))
        .isZero();
  }

  private static String jobs(String version) {
    return JOBS.replace("VERSION", version);
  }

  /** Makes a folder with the classes of the jobs. */
  private Code folderOfJobs() throws IOException {
    Path code = folder.resolve("code");
    compile(code.resolve("target/classes"), Map.of("com.acme.Jobs", jobs("folder")));
    return Code.folder(code.toString());
  }

  // ---- by name

  @Test
  void namedFunction_isThatOfTheCommit_whichAServerHas() throws Exception {
    TestRepository repository = TestRepository.init(folder.resolve("served/team/jobs"));
    compile(repository.folder().resolve("target/classes"), Map.of("com.acme.Jobs", jobs("one")));
    repository.commit();
    try (HttpServer server = HttpServer.start(folder.resolve("served"), null);
        GrainExecutor grain = Place.WORKER.open()) {
      JobOptions options = JobOptions.of(cpu(1)).code(Code.git(server.url("team/jobs")));
      assertThat(grain.exec(options, jobs("energy", Double.class), "H2O", 3)).isEqualTo(4.5);
      assertThat(grain.exec(options, FunctionRef.named("com.acme.Jobs::atoms"), 2))
          .isEqualTo("[{\"name\":\"a0\",\"charge\":0},{\"name\":\"a1\",\"charge\":1}]");
      assertThat(grain.map(options, jobs("echo", String.class), Arrays.asList("a", null, "ä")))
          .containsExactly("a", null, "ä");
      assertThat(
              grain
                  .mapAsync(options, jobs("atoms(int)", Object[].class), List.of(1, 2))
                  .map(CompletableFuture::join)
                  .map(each -> each.length))
          .containsExactly(1, 2);
    }
  }

  @ParameterizedTest
  @EnumSource
  void namedFunction_runsInEachPlace(Place place) throws Exception {
    Code code = folderOfJobs();
    try (GrainExecutor grain = place.open()) {
      JobOptions options = place.options(code);
      assertThat(grain.exec(options, jobs("energy", double.class), "H2O", 3)).isEqualTo(4.5);
      assertThat(grain.exec(options, jobs("nothing", String.class))).isNull();
      // the classes are those of the job before
      assertThat(grain.exec(options, jobs("calls", int.class))).isEqualTo(1);
      assertThat(grain.exec(options, jobs("calls", int.class))).isEqualTo(2);
      assertThatExceptionOfType(JobFailedException.class)
          .isThrownBy(() -> grain.exec(options, jobs("fail", String.class), true))
          .withCauseInstanceOf(IllegalStateException.class)
          .withMessageContaining("known");
      assertThatExceptionOfType(JobFailedException.class)
          .isThrownBy(() -> grain.exec(options, jobs("fail", String.class), false))
          .withCauseInstanceOf(RemoteException.class)
          .withMessageContaining("com.acme.Jobs$Unknown: not known");
    }
  }

  @Test
  void twoCommits_inOneRun_haveClassesOfTheirOwn() throws Exception {
    TestRepository repository = TestRepository.init(folder.resolve("repository"));
    compile(repository.folder().resolve("target/classes"), Map.of("com.acme.Jobs", jobs("one")));
    String one = repository.commit();
    compile(repository.folder().resolve("target/classes"), Map.of("com.acme.Jobs", jobs("two")));
    String two = repository.commit();
    try (GrainExecutor grain = Place.WORKER.open()) {
      Code.Git git = Code.git(repository.url());
      for (int i = 0; i < 2; i++) {
        for (Map.Entry<String, String> each : Map.of(one, "one", two, "two").entrySet()) {
          JobOptions options = JobOptions.of(cpu(1)).code(git.commit(each.getKey()));
          assertThat(grain.exec(options, jobs("version", String.class))).isEqualTo(each.getValue());
          assertThat(grain.exec(options, jobs("calls", int.class))).isEqualTo(i + 1);
        }
      }
    }
  }

  @Test
  void wrongName_failsTheJobOnce_andNamesTheNearest() throws Exception {
    JobOptions options = JobOptions.of(cpu(1)).code(folderOfJobs()).retries(3);
    try (GrainExecutor grain = Place.WORKER.open()) {
      Job<?> job = grain.submit(options, FunctionRef.named("com.acme.Job::energy"), "H2O", 3);
      assertThatExceptionOfType(JobNotStartedException.class)
          .isThrownBy(job::result)
          .withMessageContaining(
              "could not call its function: There is no class com.acme.Job. The nearest name is com.acme.Jobs.");
      assertThat(job.attempts()).hasSize(1);
      assertThatExceptionOfType(JobNotStartedException.class)
          .isThrownBy(() -> grain.exec(options, FunctionRef.named("com.acme.Jobs::enrgy"), 1))
          .withMessageContaining("The nearest is energy(String, int).");
      assertThatExceptionOfType(JobNotStartedException.class)
          .isThrownBy(() -> grain.exec(options, jobs("energy", double.class), "H2O", "x"))
          .withMessageContaining("Argument 2 of com.acme.Jobs::energy");
    }
  }

  @Test
  void codeWithoutClasses_isAnErrorThatSaysWhatToDo() throws Exception {
    Path code = Files.createDirectories(folder.resolve("empty"));
    JobOptions options = JobOptions.of(cpu(1)).code(Code.folder(code.toString()));
    try (GrainExecutor grain = Place.ISOLATED.open()) {
      assertThatExceptionOfType(JobNotStartedException.class)
          .isThrownBy(() -> grain.exec(options.isolated(), jobs("version", String.class)))
          .withMessageContaining("there are no compiled classes in the code of the job (" + code)
          .withMessageContaining("Environment.maven()");
    }
  }

  @Test
  void largeJson_travelsBothWays() throws Exception {
    String text = "äö".repeat(2_000_000);
    try (GrainExecutor grain = Place.WORKER.open()) {
      JobOptions options = JobOptions.of(cpu(1)).code(folderOfJobs());
      assertThat(grain.exec(options, jobs("echo", String.class), text)).isEqualTo(text);
    }
  }

  @Test
  void namedFunction_isCancelled_timesOut_andEndsWithItsJvm() throws Exception {
    JobOptions options = JobOptions.of(cpu(1)).code(folderOfJobs());
    try (GrainExecutor grain = Place.WORKER.open()) {
      assertThatExceptionOfType(JobTimedOutException.class)
          .isThrownBy(
              () -> grain.exec(options.timeout(Duration.ofMillis(50)), jobs("sleep", Void.class)));
      Job<Void> sleeping = grain.submit(options.isolated(), jobs("sleep", Void.class));
      sleeping.cancel();
      assertThatExceptionOfType(JobCancelledException.class).isThrownBy(sleeping::result);
      assertThatExceptionOfType(JobFailedException.class)
          .isThrownBy(() -> grain.exec(options.isolated(), jobs("exit", Void.class)))
          .withMessageContaining("exited with code 3");
    }
  }

  @Test
  void function_ofTheJdkOrTheProgram_canBeNamed() throws Exception {
    for (Place place : List.of(Place.WORKER, Place.EMBEDDED)) {
      try (GrainExecutor grain = place.open()) {
        assertThat(
                grain.exec(
                    JobOptions.of(cpu(1)).code(Code.none()),
                    FunctionRef.named("java.lang.Math::hypot").returning(double.class),
                    3,
                    4))
            .isEqualTo(5);
        assertThat(grain.exec(cpu(1), FunctionRef.named("dev.grain.worker.SharedVersion::get")))
            .isEqualTo("\"program\"");
      }
    }
  }

  // ---- with the program

  @ParameterizedTest
  @EnumSource
  void functionOfTheProgram_findsTheCode_behindItsOwn(Place place) throws Exception {
    Path code = folder.resolve("code");
    compile(
        code.resolve("classes"),
        Map.of(
            "com.acme.Jobs",
            jobs("code"),
            "dev.grain.worker.SharedVersion",
            "package dev.grain.worker; public class SharedVersion { public static String get() { return \"code\"; } }"));
    Files.writeString(code.resolve("notes.txt"), "of the code");
    try (GrainExecutor grain = place.open()) {
      JobOptions options = place.options(Code.folder(code.toString()));
      assertThat(grain.exec(options, Program::version)).isEqualTo("code");
      assertThat(grain.exec(options, SharedVersion::get)).isEqualTo("program");
      assertThat(grain.exec(options, Program::usesCompiler)).isTrue();
      // by its name it is that of the code
      assertThat(
              grain.exec(
                  options,
                  FunctionRef.named("dev.grain.worker.SharedVersion::get").returning(String.class)))
          .isEqualTo("code");
      assertThat(grain.exec(options, jobs("resource", String.class), "notes.txt"))
          .isEqualTo("of the code");
      assertThatExceptionOfType(JobFailedException.class)
          .isThrownBy(() -> grain.exec(place.options(Code.shipped()), Program::version))
          .withCauseInstanceOf(ClassNotFoundException.class);
    }
  }

  @Test
  void mavenProject_inARepository_isCompiled_onceForAllJobs() throws Exception {
    TestRepository repository = TestRepository.init(folder.resolve("repository"));
    repository
        .write(
            "jobs/pom.xml",
            """
            <project><modelVersion>4.0.0</modelVersion>
              <groupId>com.acme</groupId><artifactId>jobs</artifactId><version>1</version>
            </project>
            """)
        .write("jobs/src/main/java/com/acme/Jobs.java", jobs("maven"))
        .write("jobs/src/main/resources/notes.txt", "a resource")
        .commit();
    try (GrainExecutor grain = Place.WORKER.open()) {
      JobOptions options =
          JobOptions.of(cpu(1))
              .code(Code.git(repository.url()).pathInRepo("jobs"))
              .environment(Environment.maven());
      assertThat(grain.exec(options, jobs("version", String.class))).isEqualTo("maven");
      assertThat(grain.exec(options, jobs("resource", String.class), "notes.txt"))
          .isEqualTo("a resource");
      assertThat(grain.exec(options, Program::version)).isEqualTo("maven");
      assertThat(grain.exec(options.isolated(), jobs("version", String.class))).isEqualTo("maven");
    }
  }

  @Test
  void jacksonOfTheCode_isUsedForItsArguments() throws Exception {
    Path code = folder.resolve("code");
    Files.createDirectories(code.resolve("lib"));
    List<Path> jackson = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(":", -1)) {
      if (entry.matches(".*/jackson-(annotations|core|databind)-2[^/]*\\.jar")) {
        Path jar = Path.of(entry);
        jackson.add(Files.copy(jar, code.resolve("lib").resolve(jar.getFileName())));
      }
    }
    assertThat(jackson).hasSize(3);
    compile(
        code.resolve("classes"),
        Map.of(
            "com.acme.Jobs",
            """
            package com.acme;
            import com.fasterxml.jackson.annotation.JsonProperty;
            import com.fasterxml.jackson.databind.JsonNode;
            public class Jobs {
              public record Point(@JsonProperty("the-x") int x) {}
              public static Point move(Point point, JsonNode by) { return new Point(point.x + by.get("x").asInt()); }
            }
            """),
        jackson.toArray(Path[]::new));
    try (GrainExecutor grain = Place.WORKER.open()) {
      assertThat(
              grain.exec(
                  JobOptions.of(cpu(1)).code(Code.folder(code.toString())),
                  FunctionRef.named("com.acme.Jobs::move"),
                  Map.of("the-x", 1),
                  Map.of("x", 2)))
          .isEqualTo("{\"the-x\":3}");
    }
  }

  @Test
  void environmentWithVariables_needsAJvmOfItsOwn() throws Exception {
    Path script = folder.resolve("setup.sh");
    Files.writeString(script, "echo COLOR=blue > \"$GRAIN_ENVIRONMENT/environment\"\n");
    JobOptions options =
        JobOptions.of(cpu(1)).code(folderOfJobs()).environment(Environment.script(script));
    try (GrainExecutor grain = Place.WORKER.open()) {
      assertThat(grain.exec(options.isolated(), jobs("variable", String.class), "COLOR"))
          .isEqualTo("blue");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> grain.exec(options, jobs("variable", String.class), "COLOR"))
          .withMessageStartingWith("The environment script setup.sh sets variables")
          .withMessageContaining("isolated()");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> grain.exec(JobOptions.of(cpu(1)).code(Code.none()), () -> 1))
          .withMessageContaining("Submit it without Code.none()");
    }
  }

  // ---- the end

  @Test
  void endedRun_leavesNoLoaderAndNoOpenJar() throws Exception {
    Path code = folder.resolve("code");
    compile(folder.resolve("classes"), Map.of("com.acme.Jobs", jobs("jar")));
    Files.createDirectories(code.resolve("lib"));
    try (ZipOutputStream jar =
            new ZipOutputStream(Files.newOutputStream(code.resolve("lib/jobs.jar")));
        Stream<Path> classes = Files.walk(folder.resolve("classes"))) {
      for (Path each : classes.filter(Files::isRegularFile).toList()) {
        jar.putNextEntry(new ZipEntry(folder.resolve("classes").relativize(each).toString()));
        jar.write(Files.readAllBytes(each));
      }
    }
    WorkerProcess worker = cluster.living().getFirst();
    try (GrainExecutor grain = Place.WORKER.open()) {
      JobOptions options = JobOptions.of(cpu(1)).code(Code.folder(code.toString()));
      assertThat(grain.exec(options, Program::version)).isEqualTo("jar");
      assertThat(grain.exec(options, jobs("atoms", Object[].class), 1)).hasSize(1);
      assertThat(openFiles(worker)).anyMatch(each -> each.endsWith("jobs.jar"));
      assertThat(loaders(worker)).isNotEmpty();
    }
    while (openFiles(worker).stream().anyMatch(each -> each.endsWith("jobs.jar"))
        || !loaders(worker).isEmpty()) {
      Thread.onSpinWait();
    }
  }

  private static List<String> openFiles(WorkerProcess worker) throws IOException {
    List<String> open = new ArrayList<>();
    try (Stream<Path> links = Files.list(Path.of("/proc/" + worker.pid() + "/fd"))) {
      for (Path each : links.toList()) {
        try {
          open.add(Files.readSymbolicLink(each).toString());
        } catch (IOException e) {
          // closed meanwhile
        }
      }
    }
    return open;
  }

  /** Returns the loaders of code that a worker has, after collecting garbage. */
  private static List<String> loaders(WorkerProcess worker) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(worker.pid()),
                "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    String answer = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(answer).isZero();
    return answer
        .lines()
        .filter(line -> line.strip().matches(".* dev\\.grain\\.code\\.bundle\\.\\w+Loader"))
        .toList();
  }

  @Test
  void journal_knowsANamedFunction_byItsCodeAndArguments() throws Exception {
    TestRepository repository = TestRepository.init(folder.resolve("repository"));
    compile(repository.folder().resolve("target/classes"), Map.of("com.acme.Jobs", jobs("one")));
    String one = repository.commit();
    compile(repository.folder().resolve("target/classes"), Map.of("com.acme.Jobs", jobs("two")));
    String two = repository.commit();
    RunOptions options = overWorker().journal(folder.resolve("journal"));
    FunctionRef<String> echo = jobs("echo", String.class);
    for (int life = 0; life < 2; life++) {
      try (GrainExecutor grain = GrainExecutor.open(options)) {
        for (String commit : List.of(one, two)) {
          JobOptions code = JobOptions.of(cpu(1)).code(Code.git(repository.url()).commit(commit));
          for (String argument : List.of("a", "b")) {
            Job<String> job = grain.submit(code, echo, argument);
            assertThat(job.result()).isEqualTo(argument);
            assertThat(job.isFromJournal()).isEqualTo(life == 1);
          }
        }
        JobOptions other =
            JobOptions.of(cpu(1))
                .code(Code.git(repository.url()).commit(two).pathInRepo("target/classes"));
        Job<String> job = grain.submit(other, jobs("version", String.class));
        assertThat(job.result()).isEqualTo("two");
      }
    }
  }
}
