package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.memory;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.grain.Cause;
import dev.grain.client.JobSpecs;
import dev.grain.service.HeadException;
import dev.grain.service.HeadProcess;
import dev.grain.service.HeadSettings;
import dev.grain.service.api.Node;
import dev.grain.service.store.ConflictException;
import dev.grain.service.store.JobState;
import dev.grain.service.store.Jobs;
import dev.grain.service.store.RequestKey;
import dev.grain.service.store.StoredAttempt;
import dev.grain.service.store.StoredJob;
import dev.grain.service.store.Submitted;
import dev.grain.spec.JobSpec;
import dev.grain.spec.RetrySpec;
import dev.grain.spec.WorkSpec;
import dev.grain.wire.Address;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A shared head with workers in processes of their own. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the programs are those of Linux")
final class HeadTest {
  /** A worker that cannot be dialed is not waited for. */
  private static final HeadSettings.Limits IMPATIENT =
      new HeadSettings.Limits(Duration.ofHours(1), Duration.ofMillis(1));

  private static final Node.Amount NOTHING = new Node.Amount(0, 0);

  @TempDir private Path folder;
  private Address address = new Address("127.0.0.1", 0);

  @BeforeEach
  void choosePort() throws IOException {
    address = new Address("127.0.0.1", Ports.free());
  }

  private HeadSettings settings(Cluster cluster) {
    return HeadSettings.of(folder.resolve("data"))
        .withListen(address)
        .withHttps(new Address("127.0.0.1", 0))
        .withKey(cluster.key());
  }

  private HeadProcess start(Cluster cluster) throws InterruptedException {
    return HeadProcess.start(settings(cluster));
  }

  private WorkerProcess startWorker(Cluster cluster, String... flags) throws IOException {
    return cluster.startDialing(address.toString(), flags);
  }

  /** Returns a job that takes next to no memory. */
  private static JobSpec job(String line) {
    return JobSpec.of(WorkSpec.shell(line)).withResources(cpu(1).and(memory("1MiB")));
  }

  /** Returns a job that writes a line into a file, and ends when another file is there. */
  private JobSpec waiting(String name) {
    return job("echo run >> %s; until test -e %s; do sleep 0.1; done"
            .formatted(folder.resolve(name + ".runs"), folder.resolve(name + ".go")))
        .withId(name);
  }

  private void go(String name) throws IOException {
    Files.createFile(folder.resolve(name + ".go"));
  }

  private List<String> runs(String name) throws IOException {
    Path file = folder.resolve(name + ".runs");
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  private static long submit(HeadProcess head, JobSpec spec) throws Exception {
    return head.jobs().submit("ada", Optional.empty(), List.of(spec)).get().getFirst().number();
  }

  private static StoredJob get(HeadProcess head, long number) {
    return head.store().read(handle -> new Jobs(handle).get(number)).orElseThrow();
  }

  private static List<StoredAttempt> attempts(HeadProcess head, long number) {
    return head.store().read(handle -> new Jobs(handle).attempts(number));
  }

  private static StoredJob await(HeadProcess head, long number, JobState state)
      throws InterruptedException {
    StoredJob job = get(head, number);
    while (job.state() != state) {
      assertThat(job.state().ended()).as(job.toString()).isFalse();
      if (Thread.interrupted()) {
        throw new InterruptedException(job + " is not " + state);
      }
      Thread.onSpinWait();
      job = get(head, number);
    }
    return job;
  }

  @Test
  void commands_run_andTheStoreHasTheirEndsAndAttempts() throws Exception {
    try (Cluster cluster = new Cluster(folder);
        HeadProcess head = start(cluster);
        WorkerProcess worker = startWorker(cluster)) {
      long good = submit(head, job("echo out").withName("good"));
      long bad = submit(head, job("echo no >&2; exit 3"));
      long killed = submit(head, job("kill -KILL $$"));
      Path marker = folder.resolve("marker");
      long again =
          submit(
              head,
              job("test -e %s || { touch %s; exit 4; }".formatted(marker, marker))
                  .withRetries(new RetrySpec(1, Duration.ofMillis(1), 1, Duration.ofMillis(1))));

      StoredJob end = await(head, good, JobState.SUCCEEDED);
      assertThat(end.exitCode()).hasValue(0);
      assertThat(end.started()).isPresent();
      assertThat(attempts(head, good))
          .singleElement()
          .satisfies(each -> assertThat(each.node()).isEqualTo(worker.name()))
          .satisfies(each -> assertThat(each.end().orElseThrow().cause()).isEmpty());
      StoredJob failed = await(head, bad, JobState.FAILED);
      assertThat(failed.cause()).contains(Cause.FAILED);
      assertThat(failed.exitCode()).hasValue(3);
      assertThat(failed.message()).startsWith("\"echo no").contains("exited with code 3");
      StoredJob signalled = await(head, killed, JobState.FAILED);
      assertThat(signalled.signal()).hasValue(9);
      assertThat(signalled.exitCode()).isEmpty();
      await(head, again, JobState.SUCCEEDED);
      assertThat(attempts(head, again))
          .extracting(StoredAttempt::number, each -> each.end().orElseThrow().cause().orElse(null))
          .containsExactly(tuple(1, Cause.FAILED), tuple(2, null));
    }
  }

  @Test
  void jobs_getTheDefaultsOfTheHead_whereTheySayNothing() throws Exception {
    try (Cluster cluster = new Cluster(folder);
        HeadProcess head = start(cluster)) {
      long number = submit(head, JobSpec.of(WorkSpec.command("true")));
      String spec = head.store().read(handle -> new Jobs(handle).spec(number));
      assertThat(JobSpecs.readOne(spec).resources()).isEqualTo(cpu(1).and(memory("2GiB")));
      long own = submit(head, JobSpec.of(WorkSpec.command("true")).withResources(memory("1GiB")));
      String ownSpec = head.store().read(handle -> new Jobs(handle).spec(own));
      assertThat(JobSpecs.readOne(ownSpec).resources()).isEqualTo(cpu(1).and(memory("1GiB")));
      assertThat(head.jobs().explain(number)).isPresent();
    }
  }

  @Test
  void submit_again_makesNothing_andWhatCannotRun_isRefused() throws Exception {
    try (Cluster cluster = new Cluster(folder);
        HeadProcess head = start(cluster)) {
      RequestKey key = new RequestKey("monday", "digest");
      List<JobSpec> jobs = List.of(job("true"), job("false").withId("mine"));
      List<Submitted> first = head.jobs().submit("ada", Optional.of(key), jobs).get();
      List<Submitted> second = head.jobs().submit("ada", Optional.of(key), jobs).get();
      assertThat(first).allMatch(Submitted::made);
      assertThat(second).noneMatch(Submitted::made);
      assertThat(second)
          .extracting(Submitted::number)
          .isEqualTo(first.stream().map(Submitted::number).toList());
      assertThatThrownBy(() ->
              head.jobs()
                  .submit("bob", Optional.empty(), List.of(job("true").withId("mine")))
                  .get())
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(ConflictException.class);
      assertThatThrownBy(() ->
              head.jobs()
                  .submit(
                      "ada",
                      Optional.empty(),
                      List.of(job("true"), JobSpec.of(WorkSpec.function("com.acme.A::b")))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("Job 2 of 2: ")
          .hasMessageContaining("in which code");
    }
  }

  @Test
  void heldJob_waits_evenInTheNextLife_untilItIsResumed() throws Exception {
    try (Cluster cluster = new Cluster(folder)) {
      long held;
      long other;
      try (HeadProcess head = start(cluster)) {
        held = submit(head, waiting("held").withHold(true));
        other = submit(head, waiting("other"));
        assertThat(head.jobs().hold(other, "ada").get()).isEqualTo(JobState.HELD);
      }
      try (HeadProcess head = start(cluster);
          WorkerProcess _ = startWorker(cluster)) {
        assertThat(head.loaded()).isEqualTo(2);
        await(head, submit(head, job("true")), JobState.SUCCEEDED);
        assertThat(get(head, held).state()).isEqualTo(JobState.HELD);
        assertThat(get(head, other).state()).isEqualTo(JobState.HELD);
        assertThat(head.jobs().resume(held, "ada").get()).isEqualTo(JobState.QUEUED);
        await(head, held, JobState.RUNNING);
        assertThat(runs("other")).isEmpty();
        assertThat(head.jobs().cancel(held, "ada").get()).isEqualTo(JobState.STOPPING);
        assertThat(await(head, held, JobState.CANCELLED).cause()).contains(Cause.CANCELLED);
        assertThat(head.jobs().cancel(other, "ada").get()).isEqualTo(JobState.STOPPING);
        await(head, other, JobState.CANCELLED);
        assertThat(runs("other")).isEmpty();
      }
    }
  }

  @Test
  void head_thatIsStoppedAndStarted_goesOnWithJobsThatRunMeanwhile() throws Exception {
    try (Cluster cluster = new Cluster(folder)) {
      WorkerProcess worker;
      long ends;
      long runs;
      try (HeadProcess head = start(cluster)) {
        worker = startWorker(cluster);
        ends = submit(head, waiting("ends"));
        runs = submit(head, waiting("runs"));
        await(head, ends, JobState.RUNNING);
        await(head, runs, JobState.RUNNING);
      }
      go("ends");
      try (worker;
          HeadProcess head = start(cluster)) {
        await(head, ends, JobState.SUCCEEDED);
        assertThat(get(head, runs).state()).isEqualTo(JobState.RUNNING);
        go("runs");
        await(head, runs, JobState.SUCCEEDED);
        assertThat(attempts(head, ends)).hasSize(1);
        assertThat(attempts(head, runs)).hasSize(1);
        assertThat(runs("ends")).hasSize(1);
        assertThat(runs("runs")).hasSize(1);
      }
    }
  }

  @Test
  void worker_thatIsKilled_losesItsAttempt_andTheJobRunsElsewhere() throws Exception {
    try (Cluster cluster = new Cluster(folder);
        HeadProcess head = HeadProcess.start(settings(cluster).withLimits(IMPATIENT))) {
      long number = submit(head, waiting("job"));
      try (WorkerProcess _ = startWorker(cluster, "--name", "first")) {
        await(head, number, JobState.RUNNING);
        while (runs("job").isEmpty()) {
          Thread.onSpinWait();
        }
      }
      go("job");
      try (WorkerProcess _ = startWorker(cluster, "--name", "second")) {
        await(head, number, JobState.SUCCEEDED);
        List<StoredAttempt> attempts = attempts(head, number);
        assertThat(attempts)
            .extracting(
                StoredAttempt::number,
                StoredAttempt::node,
                each -> each.end().orElseThrow().cause().orElse(null))
            .containsExactly(tuple(1, "first", Cause.LOST), tuple(2, "second", null));
      }
    }
  }

  /** Waits until so many workers take jobs, and there are no others. */
  private static List<Node> awaitNodes(HeadProcess head, int count) throws InterruptedException {
    List<Node> nodes = head.nodes().nodes();
    while (nodes.size() != count
        || nodes.stream().anyMatch(each -> each.state() != Node.State.CONNECTED)) {
      if (Thread.interrupted()) {
        throw new InterruptedException("There are " + nodes);
      }
      Thread.onSpinWait();
      nodes = head.nodes().nodes();
    }
    return nodes;
  }

  @Test
  void workers_areListed_andHaveNamesOfTheirOwn() throws Exception {
    try (Cluster cluster = new Cluster(folder);
        HeadProcess head = start(cluster);
        WorkerProcess _ = startWorker(cluster, "--name", "twin", "--cpus", "1")) {
      awaitNodes(head, 1);
      try (WorkerProcess second = startWorker(cluster, "--name", "twin", "--cpus", "1")) {
        List<Node> nodes = awaitNodes(head, 2);
        assertThat(nodes.getFirst().name()).isEqualTo("twin");
        assertThat(nodes.getFirst().amounts().get("cpu")).isEqualTo(new Node.Amount(1, 1));
        assertThat(nodes.getFirst().address()).startsWith("127.0.0.1:");
        assertThat(nodes.getLast().name()).startsWith("twin (");
        assertThat(nodes.getLast().id()).isNotEqualTo(nodes.getFirst().id());
        long first = submit(head, waiting("one"));
        await(head, first, JobState.RUNNING);
        assertThat(head.nodes().nodes())
            .extracting(Node::jobs, each -> each.amounts().getOrDefault("cpu", NOTHING).free())
            .containsExactlyInAnyOrder(tuple(1, 0.0), tuple(0, 1.0));
        assertThat(head.nodes().drain("none")).isEmpty();
        // by its id, as nobody else has that
        assertThat(head.nodes().kill(nodes.getLast().id())).isPresent();
        assertThat(second.exitCode()).isZero();
        assertThat(awaitNodes(head, 1).getFirst().name()).isEqualTo("twin");
      }
      go("one");
    }
  }

  @Test
  void worker_thatDrains_endsItsJobs_takesNoOthers_andEnds() throws Exception {
    try (Cluster cluster = new Cluster(folder);
        HeadProcess head = start(cluster);
        WorkerProcess first = startWorker(cluster, "--name", "first", "--drain", "0s")) {
      long runs = submit(head, waiting("runs"));
      await(head, runs, JobState.RUNNING);
      assertThat(head.nodes().drain("first").orElseThrow().state()).isEqualTo(Node.State.DRAINING);
      long other = submit(head, job("true"));
      try (WorkerProcess second = startWorker(cluster, "--name", "second")) {
        await(head, other, JobState.SUCCEEDED);
        assertThat(attempts(head, other)).extracting(StoredAttempt::node).containsOnly("second");
        assertThat(get(head, runs).state()).isEqualTo(JobState.RUNNING);
        go("runs");
        await(head, runs, JobState.SUCCEEDED);
        assertThat(first.exitCode()).isZero();
        assertThat(first.errors()).contains("told this worker to end");
        assertThat(attempts(head, runs)).hasSize(1);
        assertThat(awaitNodes(head, 1).getFirst().name()).isEqualTo(second.name());
      }
    }
  }

  @Test
  void worker_thatDrains_waitsForAHeadThatIsAway() throws Exception {
    try (Cluster cluster = new Cluster(folder)) {
      WorkerProcess worker;
      long ends;
      try (HeadProcess head = start(cluster)) {
        worker = startWorker(cluster, "--name", "first");
        ends = submit(head, waiting("ends"));
        await(head, ends, JobState.RUNNING);
        assertThat(head.nodes().drain("first")).isPresent();
        worker.awaitLog("told this worker to end");
      }
      go("ends");
      try (worker;
          HeadProcess head = start(cluster)) {
        await(head, ends, JobState.SUCCEEDED);
        assertThat(attempts(head, ends)).hasSize(1);
        assertThat(worker.exitCode()).isZero();
      }
    }
  }

  @Test
  void worker_thatIsToldToEndAtOnce_givesItsJobsToOthers() throws Exception {
    try (Cluster cluster = new Cluster(folder);
        HeadProcess head = start(cluster);
        WorkerProcess first = startWorker(cluster, "--name", "first")) {
      long number = submit(head, waiting("job"));
      await(head, number, JobState.RUNNING);
      while (runs("job").isEmpty()) {
        Thread.onSpinWait();
      }
      // at first by and by, and then it has to be fast
      assertThat(head.nodes().drain("first")).isPresent();
      assertThat(head.nodes().kill("first")).isPresent();
      assertThat(first.exitCode()).isZero();
      go("job");
      try (WorkerProcess _ = startWorker(cluster, "--name", "second")) {
        await(head, number, JobState.SUCCEEDED);
        assertThat(attempts(head, number))
            .extracting(StoredAttempt::number, StoredAttempt::node)
            .containsExactly(tuple(1, "first"), tuple(2, "second"));
      }
    }
  }

  @Test
  void start_whereAnotherHeadIs_saysWhatToDo() throws Exception {
    try (Cluster cluster = new Cluster(folder);
        HeadProcess _ = start(cluster)) {
      assertThatThrownBy(() -> start(cluster))
          .isInstanceOf(HeadException.class)
          .hasMessageContaining("with the process " + ProcessHandle.current().pid())
          .hasMessageContaining("grain head stop");
      assertThatThrownBy(() ->
              HeadProcess.start(
                  HeadSettings.of(folder.resolve("other"))
                      .withListen(address)
                      .withHttps(new Address("127.0.0.1", 0))
                      .withKey(cluster.key())))
          .isInstanceOf(HeadException.class)
          .hasMessageContaining(String.valueOf(address.port()));
    }
  }
}
