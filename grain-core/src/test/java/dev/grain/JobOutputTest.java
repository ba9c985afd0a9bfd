package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What jobs print, where it goes, and that all else goes where it went. */
@ExtendWith(NothingLeft.class)
final class JobOutputTest {
  private static final RunOptions QUIET = RunOptions.defaults().local(cpu(4)).echo(false);

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final ByteArrayOutputStream printedAsError = new ByteArrayOutputStream();
  private final PrintStream out = System.out;
  private final PrintStream error = System.err;

  @BeforeEach
  void capture() {
    System.setOut(new PrintStream(printed, false, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(printedAsError, false, StandardCharsets.UTF_8));
  }

  @AfterEach
  void putBack() {
    System.setOut(out);
    System.setErr(error);
  }

  private String printed() {
    System.out.flush();
    return printed.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  private String printedAsError() {
    System.err.flush();
    return printedAsError.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  private static String outputOf(RunOptions options, dev.grain.function.Act0 body) {
    try (var grain = GrainExecutor.open(options)) {
      Job<?> job = grain.submit(JobOptions.of(cpu(1)).named("printer"), body);
      job.result();
      return job.output().replace(System.lineSeparator(), "\n");
    }
  }

  @Test
  void output_ofTheJobsThread_isItsOwn() {
    String output =
        outputOf(
            QUIET,
            () -> {
              System.out.println("one");
              System.err.println("two");
              System.out.printf("%s", 3);
            });

    assertThat(output).contains("one\n", "two\n", "3");
    assertThat(printed()).isEmpty();
    assertThat(printedAsError()).isEmpty();
  }

  static void printInThreads() throws InterruptedException {
    Thread.ofPlatform().start(() -> System.out.println("platform")).join();
    Thread.ofVirtual().start(() -> System.out.println("virtual")).join();
    try (ExecutorService threads = Executors.newFixedThreadPool(1)) {
      threads.execute(() -> System.out.println("executor"));
    }
  }

  @Test
  void output_ofThreadsThatAJobStarts_isTheJobs() {
    String output = outputOf(QUIET, JobOutputTest::printInThreads);

    assertThat(output).isEqualTo("platform\nvirtual\nexecutor\n");
    assertThat(printed()).isEmpty();
  }

  static String printLines(int number) {
    for (int line = 0; line < 200; line++) {
      System.out.print("job ");
      System.out.print(number);
      System.out.println(" line " + line);
    }
    return "";
  }

  @Test
  void output_ofJobsThatPrintAtOnce_isNeverMixed() {
    RunOptions options = RunOptions.defaults().local(cpu(4));
    try (var grain = GrainExecutor.open(options)) {
      List<Job<String>> jobs =
          IntStream.range(0, 4)
              .mapToObj(number -> grain.submit(cpu(1), JobOutputTest::printLines, number))
              .toList();
      for (int number = 0; number < 4; number++) {
        jobs.get(number).result();
        String whole = "job " + number + " line \\d+";
        assertThat(jobs.get(number).output().lines())
            .hasSize(200)
            .allMatch(line -> line.matches(whole));
      }
    }
    assertThat(printed().lines())
        .hasSize(800)
        .allMatch(line -> line.matches("\\[job \\d\\] job \\d line \\d+"));
  }

  @Test
  void echo_putsTheNameInFrontOfEachLine() {
    String output =
        outputOf(
            RunOptions.defaults(),
            () -> {
              System.out.print("first\nsecond\nwithout end");
              System.err.println("oh");
            });

    assertThat(output).contains("first\nsecond\n").contains("without end");
    assertThat(printed()).isEqualTo("[printer] first\n[printer] second\n[printer] without end\n");
    assertThat(printedAsError()).isEqualTo("[printer] oh\n");
  }

  @Test
  void mainAndSubtasks_printAsBefore() {
    Grain.runCombine(
        () -> {
          System.out.println("main");
          try (var wg = Grain.openWaitGroup()) {
            wg.start(() -> System.out.println("subtask"));
          }
        },
        QUIET);

    assertThat(printed()).isEqualTo("main\nsubtask\n");
  }

  @Test
  void output_beyondItsLimit_keepsTheEnd() {
    String output =
        outputOf(
            QUIET,
            () -> {
              for (int line = 0; line < 10_000; line++) {
                System.out.println("this is line " + line);
              }
            });

    assertThat(output).startsWith("[...]").endsWith("this is line 9999\n");
    assertThat(output.length()).isBetween(RunLimits.OUTPUT_KEPT / 2, RunLimits.OUTPUT_KEPT + 10);
  }

  @Test
  void output_ofAllLetters_arrivesAsPrinted() {
    String output = outputOf(QUIET, () -> System.out.println("grün 粒 🌾"));

    assertThat(output).isEqualTo("grün 粒 🌾\n");
  }

  @Test
  void failure_showsTheEndOfTheOutput() {
    try (var grain = GrainExecutor.open(QUIET)) {
      Job<?> job =
          grain.submit(
              cpu(1),
              () -> {
                System.out.println("x".repeat(5000));
                System.out.println("last line");
                throw new IllegalStateException("then");
              });
      assertThatThrownBy(job::result)
          .isInstanceOf(JobFailedException.class)
          .satisfies(thrown ->
              assertThat(((JobFailedException) thrown).output())
                  .endsWith("last line" + System.lineSeparator())
                  .hasSize(2000));
    }
  }

  @Test
  void threadThatOutlivesItsJob_printsAsTheProgram() throws InterruptedException {
    Signal go = Signal.create();
    Signal done = Signal.create();
    String output =
        outputOf(
            QUIET,
            () ->
                Thread.ofPlatform()
                    .start(() -> {
                      go.awaitThroughInterrupts();
                      System.out.println("late");
                      done.fire();
                    }));
    go.fire();
    done.await();

    assertThat(output).isEmpty();
    assertThat(printed()).isEqualTo("late\n");
  }

  @Test
  void output_whereTheProcessHasNoLocale_keepsAllLetters() {
    System.setOut(new PrintStream(printed, false, StandardCharsets.US_ASCII));

    String output =
        outputOf(
            QUIET.echo(true),
            () -> {
              System.out.println("Größe 5 €, 日本");
              System.out.println(System.out.charset());
            });

    assertThat(output).isEqualTo("Größe 5 €, 日本\nUTF-8\n");
    assertThat(printed()).contains("[printer] Größe 5 €, 日本\n");
  }

  @Test
  void output_whereTheProcessHasAnotherCharset_isEchoedInIt() {
    System.setOut(new PrintStream(printed, false, StandardCharsets.ISO_8859_1));

    outputOf(
        QUIET.echo(true),
        () -> {
          System.out.append("Größe").append('\n');
          System.out.write("Länge\n".getBytes(StandardCharsets.UTF_8));
        });
    System.out.flush();

    assertThat(printed.toString(StandardCharsets.ISO_8859_1))
        .isEqualTo("[printer] Größe\n[printer] Länge\n");
  }

  @Test
  void streams_replacedByTheProgramMeanwhile_stayReplaced() {
    PrintStream replaced =
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    Grain.runCombine(() -> System.setOut(replaced), QUIET);

    assertThat(System.out).isSameAs(replaced);
  }

  @Test
  void streams_whileSeveralRunsAreOpen_arePutBackByTheLast() {
    PrintStream before = System.out;
    GrainExecutor first = GrainExecutor.open(QUIET);
    GrainExecutor second = GrainExecutor.open(QUIET);
    first.close();
    assertThat(System.out).isNotSameAs(before);
    Job<?> job = second.submit(cpu(1), () -> System.out.print("still"));
    job.result();
    assertThat(job.output()).isEqualTo("still");
    second.close();

    assertThat(System.out).isSameAs(before);
  }
}
