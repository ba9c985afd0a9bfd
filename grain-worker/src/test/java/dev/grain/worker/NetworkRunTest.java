package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.none;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.grain.Grain;
import dev.grain.GrainExecutor;
import dev.grain.Job;
import dev.grain.JobFailedException;
import dev.grain.JobOptions;
import dev.grain.OutputListener.Output;
import dev.grain.WaitGroup;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program of this process over two workers of two cores each that have the same name. */
final class NetworkRunTest {
  private static final int LARGE = 64 << 20;
  private static final long HERE = ProcessHandle.current().pid();

  @TempDir private static Path folder;
  private static Cluster cluster;
  private static WorkerProcess first;
  private static WorkerProcess second;

  private Gate gate;

  @BeforeAll
  static void startWorkers() throws IOException {
    cluster = new Cluster(folder);
    first = cluster.start("--name", "twin");
    second = cluster.start("--name", "twin");
  }

  @AfterAll
  static void endWorkers() throws IOException {
    try (Cluster ended = cluster) {
      ended.assertNoComplaint();
    }
  }

  @BeforeEach
  void openGate() throws IOException {
    gate = new Gate();
  }

  @AfterEach
  void closeGate() throws IOException {
    gate.close();
  }

  private GrainExecutor open(WorkerProcess... workers) {
    return GrainExecutor.open(cluster.over(workers));
  }

  private static long here() {
    return ProcessHandle.current().pid();
  }

  private static long enter(int port) {
    Gate.enter(port, Long.toString(here()));
    return here();
  }

  private static int square(int number) {
    return number * number;
  }

  /** Thrown by jobs, and known to the program alone. */
  private static final class Overheated extends Exception {
    private static final long serialVersionUID = 1;
    private final int degrees;

    Overheated(int degrees) {
      super("at " + degrees + " degrees");
      this.degrees = degrees;
    }
  }

  private static int burn(int degrees) throws Overheated {
    throw new Overheated(degrees);
  }

  @Test
  void workers_ofOneName_areToldApart() throws IOException {
    try (GrainExecutor executor = open(first, second)) {
      Job<Long> one = executor.submit(cpu(2), NetworkRunTest::enter, gate.port());
      Job<Long> other = executor.submit(cpu(2), NetworkRunTest::enter, gate.port());
      try (Gate.Visitor _ = gate.next();
          Gate.Visitor _ = gate.next()) {
        assertThat(List.of(one.worker().orElseThrow(), other.worker().orElseThrow()))
            .contains("twin")
            .containsAnyOf("twin (" + first.address() + ")", "twin (" + second.address() + ")");
      }
      assertThat(List.of(one.result(), other.result()))
          .containsExactlyInAnyOrder(first.pid(), second.pid());
    }
  }

  @Test
  void map_overTheNetwork_keepsTheOrder() {
    List<Integer> numbers = IntStream.range(0, 500).boxed().toList();
    List<Integer> squares = numbers.stream().map(NetworkRunTest::square).toList();
    try (GrainExecutor executor = open(first, second)) {
      assertThat(executor.map(cpu(1), NetworkRunTest::square, numbers)).isEqualTo(squares);
      try (Stream<Integer> stream = executor.stream(cpu(1), NetworkRunTest::square, numbers)) {
        assertThat(stream.toList()).containsExactlyInAnyOrderElementsOf(squares);
      }
    }
  }

  @Test
  void group_overTheNetwork_hasItsResultsInOrder() {
    List<Integer> results =
        Grain.runCombine(
            () -> {
              WaitGroup group = Grain.openWaitGroup();
              try (group) {
                for (int number = 0; number < 100; number++) {
                  group.submit(cpu(number % 2 + 1), NetworkRunTest::square, number);
                }
              }
              return group.results(int.class);
            },
            cluster.over(first, second));
    assertThat(results).isEqualTo(IntStream.range(0, 100).mapToObj(n -> n * n).toList());
  }

  @Test
  void executorService_overTheNetwork_runsPlainCalls() throws Exception {
    try (GrainExecutor executor = open(first);
        ExecutorService service = executor.asExecutorService(cpu(1))) {
      Callable<Long> call = (Callable<Long> & Serializable) NetworkRunTest::here;
      List<Long> values = new ArrayList<>();
      for (Future<Long> each : service.invokeAll(List.of(call, call))) {
        values.add(each.get());
      }
      assertThat(values).containsExactly(first.pid(), first.pid());
    }
  }

  @Test
  void failure_ofTheProgramsOwnClass_hasTheStackOfTheWorker() {
    try (GrainExecutor executor = open(first)) {
      JobFailedException failure =
          catchThrowableOfType(
              JobFailedException.class, () -> executor.exec(cpu(1), NetworkRunTest::burn, 700));
      assertThat(failure.worker()).isEqualTo("twin");
      assertThat(failure)
          .cause()
          .hasMessage("at 700 degrees")
          .isInstanceOfSatisfying(
              Overheated.class,
              cause -> {
                assertThat(cause.degrees).isEqualTo(700);
                assertThat(cause.getStackTrace()[0].toString())
                    .contains("NetworkRunTest.burn(NetworkRunTest.java:");
              });
    }
  }

  @Test
  void lambda_withCaptures_takesThemAlong() {
    record Part(String name, List<Integer> sizes) {}
    Part part = new Part("wheel", List.of(3, 4));
    int factor = Integer.parseInt("10");
    try (GrainExecutor executor = open(second)) {
      assertThat(
              executor.exec(
                  cpu(1),
                  () ->
                      new Part(
                          part.name + here(),
                          part.sizes.stream().map(size -> factor * size).toList())))
          .isEqualTo(new Part("wheel" + second.pid(), List.of(30, 40)));
    }
  }

  private static int print(String text) {
    System.out.println(text + "\nsecond line");
    System.err.println("to err");
    return text.length();
  }

  @Test
  void output_ofAJob_reachesJobListenerAndConsole() throws Exception {
    var heard = new LinkedBlockingQueue<Output>();
    ByteArrayOutputStream console = new ByteArrayOutputStream();
    PrintStream out = System.out;
    PrintStream err = System.err;
    PrintStream stream = new PrintStream(console, true, StandardCharsets.UTF_8);
    System.setOut(stream);
    System.setErr(stream);
    try (GrainExecutor executor =
        GrainExecutor.open(cluster.over(first).echo(true).onOutput(heard::add))) {
      Job<Integer> job =
          executor.submit(JobOptions.of(cpu(1)).named("press"), NetworkRunTest::print, "Grüße ");
      assertThat(job.result()).isEqualTo(6);
      assertThat(job.output()).isEqualTo("Grüße \nsecond line\nto err\n");
      StringBuilder text = new StringBuilder();
      StringBuilder errors = new StringBuilder();
      while (errors.isEmpty() || text.indexOf("second line\n") < 0) {
        Output next = heard.take();
        assertThat(next).returns("press", Output::name).returns("twin", Output::worker);
        (next.error() ? errors : text).append(next.text());
      }
      assertThat(text.toString()).isEqualTo("Grüße \nsecond line\n");
      assertThat(errors.toString()).isEqualTo("to err\n");
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
    assertThat(console.toString(StandardCharsets.UTF_8).lines())
        .containsExactly("[press] Grüße ", "[press] second line", "[press] to err");
  }

  @Test
  void none_runsAtTheHead() {
    try (GrainExecutor executor = open(first)) {
      assertThat(executor.exec(none(), NetworkRunTest::here)).isEqualTo(HERE);
      assertThat(executor.exec(cpu(1), NetworkRunTest::here)).isEqualTo(first.pid());
    }
  }

  @Test
  void local_letsThisProcessShare() throws IOException {
    try (GrainExecutor executor = GrainExecutor.open(cluster.over(first).local(cpu(2)))) {
      Job<Long> one = executor.submit(cpu(2), NetworkRunTest::enter, gate.port());
      Job<Long> other = executor.submit(cpu(2), NetworkRunTest::enter, gate.port());
      try (Gate.Visitor _ = gate.next();
          Gate.Visitor _ = gate.next()) {
        assertThat(one.worker()).isNotEqualTo(other.worker());
      }
      assertThat(List.of(one.result(), other.result()))
          .containsExactlyInAnyOrder(HERE, first.pid());
    }
  }

  @Test
  void perWorker_boundsWhatIsUsedOfEach() {
    try (GrainExecutor executor =
        GrainExecutor.open(cluster.over(first, second).perWorker(cpu(1)))) {
      assertThat(
              executor.map(
                  cpu(1),
                  number -> Grain.allocation().cores(),
                  IntStream.range(0, 50).boxed().toList()))
          .allMatch(cores -> cores.equals(List.of(0)));
    }
  }

  @Test
  void twoRuns_atOneWorker_shareIt() throws IOException {
    try (GrainExecutor one = open(first);
        GrainExecutor other = open(first)) {
      Job<Long> job = one.submit(cpu(1), NetworkRunTest::enter, gate.port());
      try (Gate.Visitor _ = gate.next()) {
        Job<Long> further = other.submit(cpu(1), NetworkRunTest::enter, gate.port());
        try (Gate.Visitor _ = gate.next()) {
          assertThat(job.status().ended() || further.status().ended()).isFalse();
        }
        assertThat(further.result()).isEqualTo(first.pid());
      }
      assertThat(job.result()).isEqualTo(first.pid());
    }
  }

  @Test
  void worker_servesRunAfterRun() {
    for (int run = 0; run < 5; run++) {
      try (GrainExecutor executor = open(first)) {
        assertThat(executor.exec(cpu(1), NetworkRunTest::square, run)).isEqualTo(run * run);
      }
    }
  }

  private static byte[] reversed(byte[] value) {
    byte[] result = new byte[value.length];
    for (int i = 0; i < value.length; i++) {
      result[i] = value[value.length - 1 - i];
    }
    return result;
  }

  private static byte[] large() {
    byte[] value = new byte[LARGE];
    for (int i = 0; i < LARGE; i++) {
      value[i] = (byte) ((i * 31) >> 7);
    }
    return value;
  }

  @Test
  void largeArgument_andResult_arriveWhole() {
    byte[] value = large();
    try (GrainExecutor executor = open(first)) {
      byte[] result = executor.exec(cpu(1), NetworkRunTest::reversed, value);
      assertThat(Arrays.equals(result, reversed(value))).isTrue();
    }
  }

  @Test
  void smallJobs_overtakeALargeArgument() {
    byte[] value = large();
    try (GrainExecutor executor = open(first)) {
      executor.exec(cpu(1), NetworkRunTest::square, 1); // its code is there
      try (WaitGroup group = executor.openWaitGroup()) {
        Job<Integer> large = group.submit(cpu(1), bytes -> bytes.length, value);
        for (int number = 0; number < 10; number++) {
          group.submit(cpu(1), NetworkRunTest::square, number);
        }
        List<Job<?>> order = new ArrayList<>();
        group.completed().forEach(order::add);
        assertThat(order).hasSize(11).last().isSameAs(large);
      }
    }
  }
}
