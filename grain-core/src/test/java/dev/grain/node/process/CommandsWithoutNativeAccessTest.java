package dev.grain.node.process;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Command;
import dev.grain.CommandException;
import dev.grain.CommandResult;
import dev.grain.GrainExecutor;
import dev.grain.Job;
import dev.grain.JobCancelledException;
import dev.grain.JobFailedException;
import dev.grain.JobNotStartedException;
import dev.grain.RunOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Commands of a program that has not allowed native access run all the same, without a warning. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the programs are those of Linux")
final class CommandsWithoutNativeAccessTest {
  @TempDir Path folder;

  @Test
  void commands_inAJvmWithoutTheFlag_runFailAndAreCancelled() throws Exception {
    Path output = folder.resolve("output");
    Path errors = folder.resolve("errors");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Program.class.getName(),
                folder.toString())
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile())
            .start();
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(Files.readString(errors)).doesNotContain("WARNING");
    assertThat(Files.readAllLines(output))
        .containsExactly(
            "native false",
            "ran 40",
            "failed 139",
            "cancelled",
            "too long",
            "too long",
            "too long");
    assertThat(process.exitValue()).isZero();
  }

  static final class Program {
    private Program() {}

    static void main(String[] arguments) throws Exception {
      System.out.println("native " + LinuxCalls.areAvailable());
      RunOptions options =
          RunOptions.defaults()
              .progress(false)
              .echo(false)
              .local(cpu(4))
              .cancelGrace(Duration.ofMillis(200));
      try (GrainExecutor grain = GrainExecutor.open(options)) {
        Command template = Command.template("echo", "{}");
        System.out.println(
            "ran "
                + grain.map(cpu(1), template, IntStream.range(0, 40).boxed().toList()).stream()
                    .map(CommandResult::stdout)
                    .distinct()
                    .count());
        try {
          grain.exec(cpu(1), Command.of("kill -SEGV $$").shell("sh"));
        } catch (JobFailedException e) {
          System.out.println("failed " + ((CommandException) e.getCause()).exitCode());
        }
        cancel(grain, Path.of(arguments[0], "started"));
        start(grain, Command.of("echo", "x".repeat(3 << 20)));
        start(grain, Command.of("true").env("LARGE", "x".repeat(3 << 20)));
        Command several = Command.of("true");
        for (int number = 0; number < 100; number++) {
          several = several.env("LARGE_" + number, "x".repeat(100_000));
        }
        start(grain, several);
      }
    }

    private static void start(GrainExecutor grain, Command command) {
      try {
        grain.exec(cpu(1), command);
        System.out.println("started");
      } catch (JobNotStartedException e) {
        System.out.println(
            String.valueOf(e.getMessage()).contains("longer than the system allows")
                ? "too long"
                : e.getMessage());
      }
    }

    private static void cancel(GrainExecutor grain, Path started) throws Exception {
      Command stubborn =
          Command.of("trap '' TERM; echo $$ >" + started + "; while true; do sleep 1000; done")
              .shell("sh");
      Job<CommandResult> job = grain.submit(cpu(4), stubborn);
      while (!Files.exists(started) || !Files.readString(started).endsWith("\n")) {
        Thread.onSpinWait();
      }
      job.cancel();
      try {
        job.result();
      } catch (JobCancelledException e) {
        grain.exec(cpu(4), Command.of("true"));
        long pid = Long.parseLong(Files.readString(started).strip());
        System.out.println(ProcessTable.started(pid) == 0 ? "cancelled" : "left behind");
      }
    }
  }
}
