package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.gpu;
import static dev.grain.resource.Resources.memory;
import static dev.grain.resource.Resources.none;
import static dev.grain.resource.Resources.wallTime;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.grain.spec.EnvironmentSpec;
import dev.grain.spec.IsolationSpec;
import dev.grain.spec.JobSpec;
import dev.grain.spec.RetrySpec;
import dev.grain.spec.SettingSpec;
import dev.grain.spec.WorkSpec;
import dev.grain.text.Durations;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Specs as what programs submit. */
final class SpecifiedTest {
  private static final JobSpec COMMAND = JobSpec.of(WorkSpec.command("true"));
  private static final JobSpec FUNCTION = JobSpec.of(WorkSpec.function("com.acme.Jobs::energy"));
  private static final JobSpec SHIPPED =
      JobSpec.of(new WorkSpec.Shipped("0123456789abcdef".repeat(4), "AAEC", "", true));

  /** Called by its name. */
  public static int twice(int number) {
    return 2 * number;
  }

  private static JobSpec in(JobSpec job, IsolationSpec isolation) {
    return job.withSetting(job.setting().withIsolation(isolation));
  }

  private static JobSpec with(JobSpec job, EnvironmentSpec environment) {
    return job.withSetting(job.setting().withEnvironment(environment));
  }

  @Test
  void options_haveTheDefaultsOfPrograms() {
    JobOptions options = JobOptions.of(COMMAND);
    JobOptions usual = JobOptions.of(cpu(1));
    assertThat(options.resource()).isEqualTo(cpu(1));
    assertThat(options.priority()).isEqualTo(usual.priority());
    assertThat(options.retries()).isEqualTo(usual.retries());
    assertThat(options.timeLimit()).isNull();
    assertThat(options.isolation()).isNull();
    assertThat(options.code()).isEqualTo(usual.code());
  }

  @Test
  void options_haveWhatTheSpecSays() {
    JobOptions options =
        JobOptions.of(
            SHIPPED
                .withName("energy")
                .withResources(cpu(2.5).and(memory("1GiB")))
                .withRetries(new RetrySpec(3, Duration.ofSeconds(1), 1.5, Duration.ofSeconds(9)))
                .withTimeLimit(Duration.ofMinutes(5))
                .withPriority(300)
                .withSetting(SettingSpec.NONE.withCode(Code.folder("/opt/jobs"))));
    JobOptions same =
        JobOptions.of(cpu(2.5).and(memory("1GiB")))
            .retries(3)
            .backoff(Duration.ofSeconds(1), 1.5, Duration.ofSeconds(9));
    assertThat(options.name()).isEqualTo("energy");
    assertThat(options.resource()).isEqualTo(same.resource());
    assertThat(options.retries()).isEqualTo(same.retries());
    assertThat(options.timeLimit()).isEqualTo(Duration.ofMinutes(5));
    assertThat(options.priority()).isEqualTo(300);
    assertThat(options.code()).isEqualTo(Code.folder("/opt/jobs"));
    assertThat(options.wantsPlatformThread()).isTrue();
  }

  @Test
  void resources_withoutCores_getOne() {
    assertThat(JobOptions.of(COMMAND.withResources(gpu(1))).resource())
        .isEqualTo(cpu(1).and(gpu(1)));
    Resource limit = wallTime(Duration.ofHours(1));
    assertThat(JobOptions.of(COMMAND.withResources(limit)).resource()).isEqualTo(cpu(1).and(limit));
    assertThat(JobOptions.of(COMMAND.withResources(none())).resource()).isEqualTo(cpu(1));
  }

  @Test
  void container_isThatOfTheApi() {
    JobSpec job =
        COMMAND.withSetting(
            SettingSpec.NONE
                .withIsolation(
                    new IsolationSpec.Container(
                        "python:3.12",
                        false,
                        "none",
                        "1000:1000",
                        List.of("net_raw"),
                        true,
                        1L << 30))
                .withMounts(
                    List.of(
                        new SettingSpec.Mount("/data", "/in", true),
                        new SettingSpec.Mount("/tmp/x", "/out", false))));
    Isolation.Container same =
        Isolation.container("python:3.12")
            .mountReadOnly(Path.of("/data"), "/in")
            .mount(Path.of("/tmp/x"), "/out")
            .network("none")
            .user("1000:1000")
            .capabilities("NET_RAW")
            .readOnlyRoot()
            .sharedMemory("1GiB");
    assertThat(JobOptions.of(job).isolation())
        .isInstanceOfSatisfying(
            Isolation.Container.class,
            made -> assertThat(made.setting()).isEqualTo(same.setting()));
  }

  @Test
  void variables_ofAFunction_areThoseOfItsContainer() {
    JobSpec job =
        in(
            FUNCTION,
            new IsolationSpec.Container("train:2", true, null, null, List.of(), false, null));
    Isolation.Container same = Isolation.localImage("train:2").env("A", "1");
    assertThat(JobOptions.of(job.withEnv(Map.of("A", "1"))).isolation())
        .isInstanceOfSatisfying(
            Isolation.Container.class,
            made -> assertThat(made.setting()).isEqualTo(same.setting()));
  }

  @Test
  void jvmAndApptainer_areThoseOfTheApi() {
    assertThat(JobOptions.of(in(FUNCTION, IsolationSpec.jvm("-Xss4m"))).isolation())
        .isInstanceOfSatisfying(
            Isolation.Jvm.class,
            made ->
                assertThat(made.message()).isEqualTo(Isolation.Jvm.ofWorker("-Xss4m").message()));
    assertThat(
            JobOptions.of(in(FUNCTION, new IsolationSpec.Jvm("/opt/jdk", List.of()))).isolation())
        .hasToString("a JVM of /opt/jdk");
    assertThat(
            JobOptions.of(in(COMMAND, new IsolationSpec.Apptainer("/a.sif", List.of("--rocm"))))
                .isolation())
        .isInstanceOfSatisfying(
            Isolation.Apptainer.class,
            made ->
                assertThat(made.setting())
                    .isEqualTo(Isolation.apptainer("/a.sif").options("--rocm").setting()));
  }

  @Test
  void environment_isInTheCode_orTravels() {
    EnvironmentSpec inCode =
        new EnvironmentSpec(
            EnvironmentSpec.Kind.VENV,
            "a/requirements.txt",
            Map.of(),
            List.of(),
            "python3.12",
            Duration.ofMinutes(5));
    assertThat(JobOptions.of(with(COMMAND, inCode)).environment())
        .isEqualTo(
            Environment.venv("a/requirements.txt")
                .python("python3.12")
                .timeout(Duration.ofMinutes(5)));
    EnvironmentSpec travels =
        new EnvironmentSpec(
            EnvironmentSpec.Kind.SCRIPT,
            "setup.sh",
            Map.of("setup.sh", "true\n"),
            List.of(),
            null,
            null);
    assertThat(JobOptions.of(with(COMMAND, travels)).environment())
        .isInstanceOfSatisfying(
            DefinedEnvironment.class,
            made -> {
              assertThat(made.setting().travels()).isTrue();
              assertThat(made.setting().files().get("setup.sh").utf8()).isEqualTo("true\n");
            });
  }

  static Stream<Arguments> wrongOnes() {
    IsolationSpec apptainer = new IsolationSpec.Apptainer("/a.sif", List.of());
    EnvironmentSpec venv = EnvironmentSpec.of(EnvironmentSpec.Kind.VENV, "requirements.txt");
    return Stream.of(
        arguments(in(COMMAND, IsolationSpec.jvm()), "A command always runs in its own processes."),
        arguments(in(FUNCTION, apptainer), "A function cannot run in a container of /a.sif."),
        arguments(with(FUNCTION, venv), "sets variables such as PATH"),
        arguments(with(in(COMMAND, IsolationSpec.container("a")), venv), "is installed for"),
        arguments(FUNCTION.withEnv(Map.of("A", "1")), "environment variables only in a container"),
        arguments(
            FUNCTION.withSetting(SettingSpec.NONE.withWorkingDir("/tmp")),
            "A working directory is for commands"),
        arguments(
            COMMAND.withSetting(
                SettingSpec.NONE.withMounts(List.of(new SettingSpec.Mount("/a", "/b", false)))),
            "Mounts are for containers"),
        arguments(
            SHIPPED.withSetting(SettingSpec.NONE.withCode(Code.none())),
            "A function of the program needs the code of the program."),
        arguments(JobSpec.of(WorkSpec.function("energy")), "does not name a function"),
        arguments(
            JobSpec.of(new WorkSpec.Shipped("../../etc", "", "", false)),
            "is not the SHA-256 of a bundle"),
        arguments(
            JobSpec.of(new WorkSpec.Shipped("a".repeat(64), "?", "", false)),
            "The function is not in Base64"),
        arguments(JobSpec.of(WorkSpec.command("echo", "{cpu.cuont}")), "did you mean {cpu.count}"),
        arguments(COMMAND.withEnv(Map.of("A=B", "")), "\"A=B\" cannot be the name"),
        arguments(COMMAND.withRetries(RetrySpec.of(-1)), "retries is negative"),
        arguments(
            with(
                COMMAND,
                new EnvironmentSpec(
                    EnvironmentSpec.Kind.VENV,
                    "b.txt",
                    Map.of("a.txt", ""),
                    List.of(),
                    null,
                    null)),
            "The file b.txt defines the environment, but is not among its files, a.txt."),
        arguments(
            with(
                COMMAND,
                new EnvironmentSpec(
                    EnvironmentSpec.Kind.MAVEN, "pom.xml", Map.of(), List.of("a"), null, null)),
            "Only a script reads inputs"),
        arguments(
            with(
                COMMAND,
                new EnvironmentSpec(
                    EnvironmentSpec.Kind.CONDA, "environment.yml", Map.of(), List.of(), "p", null)),
            "The interpreter of Python can be chosen for venv and poetry"));
  }

  @ParameterizedTest
  @MethodSource("wrongOnes")
  void options_ofPartsThatDoNotFit_sayWhy(JobSpec job, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JobOptions.of(job))
        .withMessageContaining(message);
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "the programs are those of Linux")
  void submit_runsWhatTheSpecSays() {
    JobSpec command =
        JobSpec.of(
                new WorkSpec.Program(
                    List.of("cat \"$GRAIN_INPUT_FILE\"; echo \" $A $1 $PWD\"; exit 3", "b"),
                    "bash",
                    null,
                    null,
                    null,
                    List.of(0, 3),
                    new WorkSpec.Input.Binary("aGk="),
                    false))
            .withEnv(Map.of("A", "{cpu.count}"))
            .withSetting(SettingSpec.NONE.withWorkingDir("/"));
    JobSpec shell = JobSpec.of(WorkSpec.shell("echo $0 && true"));
    JobSpec function =
        JobSpec.of(WorkSpec.function(SpecifiedTest.class.getName() + "::twice", "21"));
    try (GrainExecutor grain =
        GrainExecutor.open(RunOptions.defaults().progress(false).echo(false).local(cpu(4)))) {
      assertThat(grain.submit(command).result())
          .isInstanceOfSatisfying(
              CommandResult.class,
              result -> {
                assertThat(result.exitCode()).isEqualTo(3);
                assertThat(result.stdout()).isEqualTo("hi 1 b /\n");
              });
      assertThat(grain.submit(shell).result())
          .isInstanceOfSatisfying(
              CommandResult.class, result -> assertThat(result.stdout()).isEqualTo("sh\n"));
      assertThat(grain.submit(function).result()).isEqualTo("42");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> grain.submit(command.withHold(true)))
          .withMessageContaining("takes a shared head");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> grain.submit(SHIPPED))
          .withMessageContaining("has sent to a shared head");
    }
  }

  @Test
  void times_ofAnyLength_areTaken() {
    Duration longest = Durations.parse("999999999 d");
    assertThat(JobOptions.of(COMMAND.withTimeLimit(longest)).timeLimit()).isEqualTo(longest);
  }
}
