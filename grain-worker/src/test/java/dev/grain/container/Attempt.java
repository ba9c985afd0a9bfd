package dev.grain.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Allocation;
import dev.grain.CommandException;
import dev.grain.CommandResult;
import dev.grain.bytes.Bytes;
import dev.grain.code.Codec;
import dev.grain.message.AttemptEnd;
import dev.grain.message.CodeRef;
import dev.grain.message.CommandInput;
import dev.grain.message.CommandLine;
import dev.grain.message.ContainerSetting;
import dev.grain.message.Isolation;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.node.JobRunner;
import dev.grain.node.prepare.Ready;
import dev.grain.resource.Resources;
import dev.grain.resource.internal.Demand;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** An attempt of a command in a container, and what its runner tells of it. */
final class Attempt implements JobRunner.Events {
  private static final Codec CODEC = new Codec(Attempt.class.getClassLoader());
  private static final long KEPT = 1 << 20;

  private final CompletableFuture<AttemptEnd> end = new CompletableFuture<>();
  private final CountDownLatch printed = new CountDownLatch(1);
  private final AtomicLong count = new AtomicLong();
  // guarded by itself
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private volatile boolean ran;
  // only accessed by the test
  private JobRunner.@Nullable Running running;

  /** What a job is to do, with defaults for a test that does not care. */
  record Job(
      ContainerSetting setting,
      List<String> words,
      String shell,
      SequencedMap<String, String> environment,
      String folder,
      String stdin,
      String stdout,
      boolean returnsResult,
      @Nullable Bytes file,
      Allocation allocation) {

    /** A script for the shell of an image. */
    static Job script(ContainerSetting setting, String script) {
      return new Job(
          setting,
          List.of(script),
          "sh",
          new LinkedHashMap<>(),
          "",
          "",
          "",
          false,
          null,
          new Allocation(List.of(0), List.of(), 0, Map.of("cpu", 1.0), "here"));
    }

    static Job program(ContainerSetting setting, String... words) {
      Job job = script(setting, "");
      return new Job(
          setting, List.of(words), "", job.environment, "", "", "", false, null, job.allocation);
    }

    Job with(String name, String value) {
      SequencedMap<String, String> more = new LinkedHashMap<>(environment);
      more.put(name, value);
      return new Job(
          setting, words, shell, more, folder, stdin, stdout, returnsResult, file, allocation);
    }

    Job in(String path) {
      return new Job(
          setting, words, shell, environment, path, stdin, stdout, returnsResult, file, allocation);
    }

    Job files(String in, String out) {
      return new Job(
          setting, words, shell, environment, folder, in, out, returnsResult, file, allocation);
    }

    Job withResult(@Nullable Bytes given) {
      return new Job(
          setting, words, shell, environment, folder, stdin, stdout, true, given, allocation);
    }

    Job holding(List<Integer> cores, double amount, long memory) {
      return new Job(
          setting,
          words,
          shell,
          environment,
          folder,
          stdin,
          stdout,
          returnsResult,
          file,
          new Allocation(cores, List.of(), memory, Map.of("cpu", amount), "here"));
    }
  }

  static Attempt start(ContainerRunner runner, Job job) {
    Attempt attempt = new Attempt();
    CommandLine line =
        new CommandLine(
            job.words(),
            job.shell(),
            job.environment(),
            job.folder(),
            job.stdin(),
            job.stdout(),
            "",
            List.of(0),
            job.returnsResult());
    SequencedMap<String, String> values = new LinkedHashMap<>(Map.of("in", "größe 2"));
    Order order =
        new Order(
            "r1",
            7,
            70,
            2,
            false,
            new Order.Spec(
                "",
                Demand.of(Resources.cpu(1)),
                Order.Limits.NONE,
                new Work.Command(line.encode()),
                new Order.Setting(CodeRef.OWN, Isolation.Container.of(job.setting()))),
            new CommandInput(values, job.file()).encode());
    attempt.running =
        runner.start(
            order,
            job.allocation(),
            new Ready(
                List.of(),
                null,
                List.of(),
                List.of(),
                Map.of(),
                Set.of(),
                job.setting().image(),
                List.of()),
            attempt);
    return attempt;
  }

  @Override
  public void ended(AttemptEnd how) {
    ran = true;
    end.complete(how);
  }

  @Override
  public void notRun(AttemptEnd why) {
    end.complete(why);
  }

  @Override
  public void printed(Bytes text, boolean error) {
    count.addAndGet(text.length());
    synchronized (output) {
      if (output.size() < KEPT) {
        text.chunks().forEach(output::writeBytes);
      }
    }
    printed.countDown();
  }

  JobRunner.Running running() {
    return Objects.requireNonNull(running);
  }

  boolean ran() {
    return ran;
  }

  long count() {
    return count.get();
  }

  String output() {
    synchronized (output) {
      return output.toString(StandardCharsets.UTF_8);
    }
  }

  Attempt awaitOutput() throws InterruptedException {
    assertThat(printed.await(60, TimeUnit.SECONDS)).isTrue();
    return this;
  }

  AttemptEnd end() throws Exception {
    return end.get(120, TimeUnit.SECONDS);
  }

  CommandResult result() throws Exception {
    AttemptEnd how = end();
    if (how instanceof AttemptEnd.Failure(Bytes failure, String _)) {
      throw new AssertionError(CODEC.decodeFailure(failure));
    }
    assertThat(how).isInstanceOf(AttemptEnd.Value.class);
    return (CommandResult)
        Objects.requireNonNull(CODEC.decodeValue(((AttemptEnd.Value) how).value()));
  }

  CommandException failure() throws Exception {
    AttemptEnd how = end();
    assertThat(how).isInstanceOf(AttemptEnd.Failure.class);
    return (CommandException) CODEC.decodeFailure(((AttemptEnd.Failure) how).failure());
  }
}
