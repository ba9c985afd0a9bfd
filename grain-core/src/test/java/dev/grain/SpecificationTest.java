package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.memory;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.grain.spec.EnvironmentSpec;
import dev.grain.spec.IsolationSpec;
import dev.grain.spec.JobSpec;
import dev.grain.spec.RetrySpec;
import dev.grain.spec.SettingSpec;
import dev.grain.spec.WorkSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What programs submit, as specs. */
final class SpecificationTest {
  @Test
  void command_hasTheSpecThatSaysTheSame() {
    JobOptions options =
        JobOptions.of(cpu(2).and(memory("1GiB")))
            .named("energy")
            .retries(3)
            .backoff(Duration.ofSeconds(10))
            .timeout(Duration.ofMinutes(5))
            .priority(300)
            .code(Code.git("https://acme.com/a").commit("0f".repeat(20)))
            .in(
                Isolation.container("python", "3.12")
                    .mountReadOnly(Path.of("/data"), "/in")
                    .env("A", "{x} {{y}} ${z} {}")
                    .env("B", "1")
                    .network("none")
                    .user("1000")
                    .capabilities("NET_RAW")
                    .readOnlyRoot()
                    .sharedMemory("1GiB"));
    Command command =
        Command.of("a b", "{cpu.count}")
            .shell("bash")
            .env("B", "2")
            .workingDir(Path.of("/w"))
            .stdin(Path.of("/i"))
            .stdout(Path.of("/o"))
            .stderr(Path.of("/e"))
            .successCodes(3, 0)
            .input("text")
            .withResult();
    JobSpec spec = options.toSpec(command);
    assertThat(spec)
        .isEqualTo(
            JobSpec.of(
                    new WorkSpec.Program(
                        List.of("a b", "{cpu.count}"),
                        "bash",
                        "/i",
                        "/o",
                        "/e",
                        List.of(0, 3),
                        new WorkSpec.Input.Text("text"),
                        true))
                .withName("energy")
                .withResources(cpu(2).and(memory("1GiB")))
                .withRetries(new RetrySpec(3, Duration.ofSeconds(10), 2, Duration.ofMinutes(5)))
                .withTimeLimit(Duration.ofMinutes(5))
                .withPriority(300)
                .withEnv(Map.of("A", "{{x}} {{{y}}} ${{z}} {}", "B", "2"))
                .withSetting(
                    new SettingSpec(
                        new IsolationSpec.Container(
                            "docker.io/library/python:3.12",
                            false,
                            "none",
                            "1000",
                            List.of("NET_RAW"),
                            true,
                            1L << 30),
                        Code.git("https://acme.com/a").commit("0f".repeat(20)),
                        null,
                        List.of(new SettingSpec.Mount("/data", "/in", true)),
                        "/w")));
    assertThat(JobOptions.of(spec).toSpec(Specified.command(spec))).isEqualTo(spec);
  }

  @Test
  void bytes_areBinary_unlessTheyAreAText() {
    JobSpec spec = JobOptions.of(cpu(1)).toSpec(Command.of("a").input(new byte[] {0, (byte) 0xFF}));
    assertThat(spec.work())
        .isInstanceOfSatisfying(
            WorkSpec.Program.class,
            work -> assertThat(work.input()).isEqualTo(new WorkSpec.Input.Binary("AP8=")));
    assertThat(JobOptions.of(spec).toSpec(Specified.command(spec))).isEqualTo(spec);
  }

  @Test
  void function_hasTheSpecThatSaysTheSame() {
    JobSpec spec =
        JobOptions.of(cpu(1))
            .platformThread()
            .in(Isolation.jvm(Path.of("/opt/jdk")).options("-Xss4m"))
            .environment(Environment.script("setup.sh", "deps").timeout(Duration.ofMinutes(1)))
            .toSpec(FunctionRef.named("A::b"), "H2O", 3, null);
    assertThat(spec)
        .isEqualTo(
            JobSpec.of(new WorkSpec.Function("A::b", List.of("\"H2O\"", "3", "null"), true))
                .withResources(cpu(1))
                .withSetting(
                    SettingSpec.NONE
                        .withIsolation(new IsolationSpec.Jvm("/opt/jdk", List.of("-Xss4m")))
                        .withEnvironment(
                            new EnvironmentSpec(
                                EnvironmentSpec.Kind.SCRIPT,
                                "setup.sh",
                                Map.of(),
                                List.of("deps"),
                                null,
                                Duration.ofMinutes(1)))));
    assertThat(JobOptions.of(spec).environment())
        .isEqualTo(Environment.script("setup.sh", "deps").timeout(Duration.ofMinutes(1)));
  }

  @Test
  void files_ofThisMachine_travelInTheSpec(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("requirements.txt");
    Files.writeString(file, "numpy\n");
    JobOptions options = JobOptions.of(cpu(1)).environment(Environment.venv(file));
    JobSpec spec = options.toSpec(Command.of("python3"));
    assertThat(spec.setting().environment())
        .isEqualTo(
            new EnvironmentSpec(
                EnvironmentSpec.Kind.VENV,
                "requirements.txt",
                Map.of("requirements.txt", "numpy\n"),
                List.of(),
                null,
                null));
    assertThat(JobOptions.of(spec).environment()).isEqualTo(options.environment());
  }

  @Test
  void codeOfTheProgram_andTemplates_haveNoSpec() {
    JobOptions options = JobOptions.of(cpu(1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options.retryOn(_ -> true).toSpec(Command.of("a")))
        .withMessageStartingWith("retryOn is code of the program");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options.toSpec(Command.template("a", "{}")))
        .withMessageContaining("is a template");
  }
}
