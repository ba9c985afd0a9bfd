package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.grain.Code;
import dev.grain.Command;
import dev.grain.CommandResult;
import dev.grain.GrainExecutor;
import dev.grain.Isolation;
import dev.grain.Job;
import dev.grain.JobFailedException;
import dev.grain.JobNotStartedException;
import dev.grain.JobOptions;
import dev.grain.git.TestRepository;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands in containers of Apptainer. Where Apptainer is not installed, a script stands in for it
 * that needs root; its images are folders, which Apptainer takes as well.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "containers are those of Linux")
final class ApptainerTest {
  @TempDir private Path folder;
  private Path image;
  private Cluster cluster;

  @BeforeEach
  void open() throws IOException {
    Path programs = Files.createDirectories(folder.resolve("programs"));
    cluster =
        new Cluster(folder, "256m")
            .with(
                Map.of("PATH", programs + ":" + System.getenv("PATH"), "OF_WORKER", "not inside"));
    image = makeImage(folder.resolve("image"));
    if (!isInstalled()) {
      Launcher.assumeTools("unshare", "mount");
      assumeTrue(
          "root".equals(System.getProperty("user.name")),
          "there is no Apptainer, and the script that stands in for it needs root");
      Path standIn = programs.resolve("apptainer");
      try (InputStream script = ApptainerTest.class.getResourceAsStream("apptainer.sh")) {
        Files.copy(Objects.requireNonNull(script), standIn);
      }
      Files.setPosixFilePermissions(standIn, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  private static boolean isInstalled() {
    return Stream.of(System.getenv("PATH").split(":"))
        .map(Path::of)
        .anyMatch(each -> Files.isExecutable(each.resolve("apptainer")));
  }

  /** Makes an image with busybox. */
  private static Path makeImage(Path root) throws IOException {
    Path busybox = Path.of("/bin/busybox");
    assumeTrue(Files.isExecutable(busybox), "there is no /bin/busybox here");
    for (String each : List.of("bin", "dev", "etc", "home", "proc", "root", "sys", "tmp", "var")) {
      Files.createDirectories(root.resolve(each));
    }
    Files.createDirectories(root.resolve("var/tmp"));
    Files.copy(busybox, root.resolve("bin/busybox"));
    for (String each : List.of("cat", "env", "ls", "pwd", "sh", "sleep", "touch", "tr")) {
      Files.createSymbolicLink(root.resolve("bin").resolve(each), Path.of("busybox"));
    }
    Files.writeString(root.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
    Files.writeString(root.resolve("etc/image"), "of the image");
    return root;
  }

  private GrainExecutor open(WorkerProcess... workers) {
    return GrainExecutor.open(cluster.over(workers));
  }

  private JobOptions inside() {
    return in(Isolation.apptainer(image.toString()));
  }

  private static JobOptions in(Isolation.Apptainer container) {
    return JobOptions.of(cpu(1)).in(container);
  }

  private static Command script(String script) {
    return Command.of(script).shell("sh");
  }

  @Test
  void command_runsInTheImage_withItsVariables_andWithoutThoseOfTheWorker() throws Exception {
    try (GrainExecutor grain = open(cluster.start())) {
      JobOptions options =
          in(Isolation.apptainer(image.toString()).env("MODE", "fast").env("LEVEL", "1"));
      CommandResult result =
          grain.exec(
              options,
              script("cat /etc/image; echo; echo $GRAIN_CPUS $MODE $LEVEL \"$TEXT\" [$OF_WORKER]")
                  .env("LEVEL", "2")
                  .env("TEXT", "a \"b\"\n$c"));
      assertThat(result.stdout()).isEqualTo("of the image\n1 fast 2 a \"b\"\n$c []\n");
    }
    Checker.assertEndsCleanly(cluster);
  }

  @Test
  void linkInPlaceOfAResult_isNotFollowedOutside() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "\"of the worker\"");
    try (GrainExecutor grain = open(cluster.start())) {
      Command command =
          script("/bin/busybox ln -s %s $GRAIN_RESULT_FILE".formatted(secret)).withResult();
      assertThatExceptionOfType(JobFailedException.class)
          .isThrownBy(() -> grain.exec(inside(), command))
          .withMessageContaining("wrote no result");
    }
    Checker.assertEndsCleanly(cluster);
  }

  @Test
  void container_hasNoneOfTheFilesThatItPrintsTo() throws Exception {
    try (GrainExecutor grain = open(cluster.start())) {
      CommandResult result = grain.exec(inside(), script("ls /grain; echo printed"));
      assertThat(result.stdout()).isEqualTo("own\nprinted\n");
    }
    Checker.assertEndsCleanly(cluster);
  }

  @Test
  void container_hasTheWorkingDirectoryAndTheMounts_andNoOtherFiles() throws Exception {
    Path code = Files.createDirectories(folder.resolve("code of job"));
    Path data = Files.createDirectories(folder.resolve("data"));
    Path hidden = Files.createDirectories(folder.resolve("hidden"));
    Files.writeString(data.resolve("input"), "data");
    try (GrainExecutor grain = open(cluster.start())) {
      JobOptions options =
          in(Isolation.apptainer(image.toString())
                  .mount(data, "/data")
                  .mountReadOnly(data, "/fixed"))
              .code(Code.folder(code.toString()));
      CommandResult result =
          grain.exec(
              options,
              script(
                  "pwd; echo of job >output; cat /data/input; echo; echo more >/data/output;"
                      + " touch /fixed/no 2>/dev/null && echo wrong; ls "
                      + hidden
                      + " 2>/dev/null || echo nothing"));
      assertThat(result.stdout()).isEqualTo(code + "\ndata\nnothing\n");
      assertThat(code.resolve("output")).hasContent("of job");
      assertThat(data.resolve("output")).hasContent("more");
    }
  }

  @Test
  void command_ofACheckout_runsInItsCopy() throws Exception {
    TestRepository repository = TestRepository.init(folder.resolve("repository"));
    repository.write("jobs/input", "from git").write("shared", "around").commit();
    try (GrainExecutor grain = open(cluster.start())) {
      JobOptions options = inside().code(Code.git(repository.url()).pathInRepo("jobs"));
      for (int time = 0; time < 2; time++) {
        assertThat(
                grain.exec(options, script("ls; cat input ../shared; echo mine >output")).stdout())
            .isEqualTo("input\nfrom gitaround");
      }
    }
  }

  @Test
  void inputAndResult_areFilesInTheContainer_andGoWithTheJob() throws Exception {
    WorkerProcess worker = cluster.start();
    Path files;
    try (GrainExecutor grain = open(worker)) {
      files =
          Path.of(
              grain
                  .exec(
                      JobOptions.of(cpu(1)),
                      script("dirname $GRAIN_RESULT_FILE; touch $GRAIN_RESULT_FILE").withResult())
                  .stdout()
                  .strip());
      CommandResult result =
          grain.exec(
              inside(),
              script("tr a-z A-Z <$GRAIN_INPUT_FILE >$GRAIN_RESULT_FILE; echo $GRAIN_INPUT_FILE")
                  .input("hello")
                  .withResult());
      assertThat(result.resultText()).isEqualTo("HELLO");
      assertThat(result.stdout()).startsWith("/grain/");
      try (Stream<Path> left = Files.list(files)) {
        assertThat(left.filter(Files::isDirectory)).isEmpty();
      }
    }
  }

  @Test
  void exitCodeAndErrors_areThoseOfTheCommand() throws Exception {
    try (GrainExecutor grain = open(cluster.start())) {
      assertThatExceptionOfType(JobFailedException.class)
          .isThrownBy(() -> grain.exec(inside(), script("echo bad >&2; exit 9")))
          .withMessageContaining("exited with code 9")
          .withMessageContaining("bad");
    }
  }

  @Test
  void cancelledCommand_endsWithAllItsProcesses() throws Exception {
    Path data = Files.createDirectories(folder.resolve("data"));
    try (GrainExecutor grain = open(cluster.start())) {
      Job<CommandResult> job =
          grain.submit(
              in(Isolation.apptainer(image.toString()).mount(data, "/data")),
              script("sleep 1000 & touch /data/started; sleep 1000"));
      while (!Files.exists(data.resolve("started"))) {
        Thread.onSpinWait();
      }
      job.cancel();
      job.outcome();
    }
    Checker.assertEndsCleanly(cluster);
    assertThat(
            ProcessHandle.allProcesses()
                .filter(each -> each.info().commandLine().orElse("").contains(image.toString())))
        .isEmpty();
  }

  @Test
  void workerWithoutTheImage_isPassedBy_andOnItsOwnFailsTheJobs() throws Exception {
    WorkerProcess worker = cluster.start("--name", "here");
    try (GrainExecutor grain = open(worker)) {
      Path missing = folder.resolve("missing.sif");
      assertThatExceptionOfType(JobNotStartedException.class)
          .isThrownBy(
              () -> grain.exec(in(Isolation.apptainer(missing.toString())), Command.of("true")))
          .withMessageContaining(
              "here could not prepare it: there is no image " + missing + " on this worker");
    }
  }

  @Test
  void workerWithoutApptainer_getsNoSuchJobs_andOthersDo() throws Exception {
    assumeTrue(!isInstalled(), "Apptainer is installed here, so every worker has it");
    WorkerProcess with = cluster.start("--name", "with");
    cluster.with(Map.of());
    WorkerProcess without = cluster.start("--name", "without");
    try (GrainExecutor grain = open(without)) {
      assertThatExceptionOfType(JobNotStartedException.class)
          .isThrownBy(() -> grain.exec(inside(), Command.of("true")))
          .withMessageContaining(
              "without could not prepare it: there is no program apptainer or singularity on the"
                  + " PATH of this worker");
    }
    try (GrainExecutor grain = open(without, with)) {
      List<Job<CommandResult>> jobs =
          Stream.generate(() -> grain.submit(inside(), Command.of("cat", "/etc/image")))
              .limit(10)
              .toList();
      for (Job<CommandResult> each : jobs) {
        assertThat(each.result().stdout()).isEqualTo("of the image");
        assertThat(each.worker()).contains("with");
      }
    }
  }
}
