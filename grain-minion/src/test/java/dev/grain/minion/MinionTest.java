package dev.grain.minion;

import static dev.grain.resource.Resources.cpu;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.Command;
import dev.grain.JobOptions;
import dev.grain.minion.report.MinionEvent;
import dev.grain.minion.report.Reporter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a minion does with the items of a queue in a folder. */
final class MinionTest {
  @TempDir private Path temporary;

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final ByteArrayOutputStream noted = new ByteArrayOutputStream();
  private final List<MinionEvent> events = Collections.synchronizedList(new ArrayList<>());

  private String address = "";

  @BeforeEach
  void create() throws QueueException {
    address = "file:" + temporary.resolve("sweeps");
    provider().create(QueueAddress.parse(address), QueueSettings.DEFAULTS);
  }

  private QueueProvider provider() throws QueueException {
    return Queues.of(QueueAddress.parse(address));
  }

  private void fill(String... items) throws QueueException {
    provider()
        .fill(
            QueueAddress.parse(address),
            QueueSettings.DEFAULTS,
            Arrays.stream(items).map(item -> item.getBytes(UTF_8)).iterator());
  }

  private Minion with(Minion minion) {
    return minion
        .queue(address)
        .retryDelay(Duration.ZERO)
        .reporter(events::add)
        .print(new PrintStream(printed, true, UTF_8), new PrintStream(noted, true, UTF_8));
  }

  private MinionResult run(Minion minion) throws Exception {
    return with(minion).run();
  }

  private List<String> lines() {
    return printed.toString(UTF_8).lines().toList();
  }

  private List<String> letters() throws QueueException {
    List<String> letters = new ArrayList<>();
    provider()
        .dead(
            QueueAddress.parse(address),
            QueueSettings.DEFAULTS,
            letter -> letters.add(new String(letter.value(), UTF_8) + ": " + letter.reason()));
    return letters;
  }

  // ---------------------------------------------------------------- commands

  @Test
  void command_getsTheItem_asOneMoreArgument() throws Exception {
    fill("0", "a b", "$(echo x); 'q'", "", "{lr}", "{}", "new\nline");
    MinionResult result = run(Minion.command("printf", "<%s %s>", "-"));
    assertThat(printed.toString(UTF_8))
        .isEqualTo("<- 0><- a b><- $(echo x); 'q'><- ><- {lr}><- {}><- new\nline>");
    assertThat(result.succeeded()).isEqualTo(7);
    assertThat(result.stopped()).isFalse();
  }

  @Test
  void command_withPlaceholder_getsTheItemThere() throws Exception {
    fill("0", "1");
    run(Minion.command("echo", "-{}-{}", "{lr}", "${HOME}", "{print $1}"));
    assertThat(lines())
        .containsExactly("-0-0 {lr} ${HOME} {print $1}", "-1-1 {lr} ${HOME} {print $1}");
  }

  @Test
  void command_withNames_getsThePartsOfJson() throws Exception {
    fill("{\"lr\": 0.01, \"name\": \"a b\"}", "{\"lr\": [1, 2], \"name\": null}");
    run(
        Minion.command("echo", "--lr={lr}", "{name}", "{cpu.count}")
            .decoder(Parameter.Decoder.JSON));
    assertThat(lines()).containsExactly("--lr=0.01 a b 1", "--lr=[1,2] null 1");
  }

  @Test
  void command_whoseNameTheItemLacks_makesADeadLetter() throws Exception {
    fill("{\"lr\": 1}", "{\"rl\": 1}");
    MinionResult result = run(Minion.command("echo", "{lr}").decoder(Parameter.Decoder.JSON));
    assertThat(lines()).containsExactly("1");
    assertThat(result.dead()).isEqualTo(1);
    assertThat(letters())
        .singleElement()
        .asString()
        .contains("The item has no 'lr', which the command uses; did you mean {rl}?");
  }

  @Test
  void shell_joinsEverything_asTheOriginal() throws Exception {
    fill("0", "1; echo more");
    run(Minion.command("cd /", "&& echo $PWD").shell("sh"));
    assertThat(lines()).containsExactly("/ 0", "/ 1", "more");
  }

  @Test
  void inputFile_passesWhatNoArgumentCanHave() throws Exception {
    fill("a\0b", "x".repeat(1 << 20));
    run(Minion.command("sh", "-c", "wc -c < \"$GRAIN_INPUT_FILE\"").inputFile());
    assertThat(lines()).containsExactly("3", "1048576");
  }

  @Test
  void item_thatNoArgumentCanHave_isADeadLetter() throws Exception {
    fill("a\0b", "x".repeat(1 << 20), "1");
    MinionResult result = run(Minion.command("echo"));
    assertThat(lines()).containsExactly("1");
    assertThat(result.dead()).isEqualTo(2);
    assertThat(letters())
        .anySatisfy(letter -> assertThat(letter).contains("NUL").contains("--input-file"))
        .anySatisfy(letter -> assertThat(letter).contains("1048576 bytes"));
  }

  @Test
  void process_startsTheCommandThatCodeMakes() throws Exception {
    fill("{\"arg1\": 1, \"arg2\": \"two\"}");
    run(
        Minion.process(p -> Command.of("echo", "--arg1", p.text("arg1"), p.text("arg2")))
            .decoder(Parameter.Decoder.JSON));
    assertThat(lines()).containsExactly("--arg1 1 two");
  }

  @Test
  void output_isCopiedByteForByte() throws Exception {
    fill("0");
    run(Minion.command("sh", "-c", "printf '\\377\\000x'; printf err >&2").inputFile());
    assertThat(printed.toByteArray()).isEqualTo(new byte[] {-1, 0, 'x'});
    assertThat(noted.toString(UTF_8)).isEqualTo("err");
  }

  @Test
  void output_thatIsHeld_keepsNoOtherItem() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    OutputStream terminal =
        new OutputStream() {
          @Override
          public void write(int octet) {
            held.countDown();
            await(release);
            printed.write(octet);
          }
        };
    fill("1");
    RunningMinion minion =
        with(Minion.command(
                    "sh",
                    "-c",
                    "case $1 in 1) echo 1; until [ -e go ]; do :; done;; *) touch go;; esac",
                    "sh")
                .workingDir(temporary))
            .print(new PrintStream(terminal, true, UTF_8), new PrintStream(noted, true, UTF_8))
            .parallel(2)
            .start();
    held.await();
    fill("2");
    while (!Files.exists(temporary.resolve("go"))) {
      Thread.onSpinWait();
    }
    release.countDown();
    assertThat(minion.await().succeeded()).isEqualTo(2);
    assertThat(lines()).containsExactly("1");
  }

  @Test
  void parallel_runsItemsAtTheSameTime() throws Exception {
    // each waits for the other
    fill("{\"mine\": \"1\", \"other\": \"2\"}", "{\"mine\": \"2\", \"other\": \"1\"}");
    MinionResult result =
        run(
            Minion.command(
                    "sh",
                    "-c",
                    "cd $1; touch $2; until [ -e $3 ]; do :; done",
                    "sh",
                    temporary.toString(),
                    "{mine}",
                    "{other}")
                .decoder(Parameter.Decoder.JSON)
                .parallel(2));
    assertThat(result.succeeded()).isEqualTo(2);
  }

  @Test
  void start_commandThatDoesNotExist_takesNoItem() throws Exception {
    fill("0");
    assertThatThrownBy(() -> run(Minion.command("no-such-program")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The program 'no-such-program' was not found, or cannot be executed.");
    assertThatThrownBy(() -> run(Minion.command("cd /tmp && ./a.out")))
        .hasMessageEndingWith("A line for a shell needs --shell.");
    assertThat(provider().stat(QueueAddress.parse(address), QueueSettings.DEFAULTS).ready())
        .hasValue(1);
  }

  @Test
  void start_requestThatDoesNotFit_takesNoItem() throws Exception {
    fill("0");
    assertThatThrownBy(() -> run(Minion.command("echo").request(cpu(100_000))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("An item requests cpu(100000), but this machine offers")
        .hasMessageNotContaining("custom");
  }

  // ---------------------------------------------------------------- failures

  @Test
  void failure_isAcknowledged_byDefault() throws Exception {
    fill("0", "1");
    MinionResult result = run(Minion.command("sh", "-c", "exit $1", "sh"));
    assertThat(result.succeeded()).isEqualTo(1);
    assertThat(result.failed()).isEqualTo(1);
    assertThat(letters()).isEmpty();
    assertThat(noted.toString(UTF_8))
        .contains("minion: item 1 failed: ")
        .contains("exited with code 1");
    assertThat(events).extracting(event -> event.error() == null).containsExactly(true, false);
  }

  @Test
  void failure_withNack_isRetried_untilADeadLetter() throws Exception {
    fill("3");
    MinionResult result =
        run(Minion.command("sh", "-c", "exit $1", "sh").onFailure(OnFailure.NACK).maxDeliveries(2));
    assertThat(result.failed()).isEqualTo(2);
    assertThat(result.dead()).isEqualTo(1);
    assertThat(letters())
        .singleElement()
        .asString()
        .startsWith("3: ")
        .contains("exited with code 3");
  }

  @Test
  void timeout_isAFailure() throws Exception {
    fill("60");
    MinionResult result =
        run(Minion.command("sleep").request(JobOptions.of(cpu(1)).timeout(Duration.ofMillis(50))));
    assertThat(result.failed()).isEqualTo(1);
    assertThat(events.getFirst().error()).contains("timed out");
  }

  // ---------------------------------------------------------------- functions and hooks

  @Test
  void function_isCalled_andWhatItTimes_isInTheEvent() throws Exception {
    fill("7");
    run(
        Minion.function(
            p -> System.out.println(Minion.timed("square", () -> Integer.parseInt(p.text()) * 7))));
    assertThat(lines()).containsExactly("49");
    assertThat(events.getFirst().actions())
        .extracting(MinionEvent.Action::name)
        .containsExactly("next", "process", "square", "teardown");
  }

  @Test
  void hooks_runAroundEachItem_andTheirFailuresAreTheItems() throws Exception {
    fill("0", "1", "setup", "teardown");
    List<String> calls = Collections.synchronizedList(new ArrayList<>());
    MinionResult result =
        run(
            Minion.function(MinionTest::failIfOne)
                .setup(p -> {
                  calls.add("setup " + p);
                  failIf(p, "setup");
                })
                .teardownOk(p -> {
                  calls.add("ok " + p);
                  failIf(p, "teardown");
                })
                .teardownKo((p, e) -> calls.add("ko " + p + " " + e.getMessage())));
    assertThat(calls)
        .containsExactly(
            "setup 0",
            "ok 0",
            "setup 1",
            "ko 1 it is one",
            "setup setup",
            "ko setup it is setup",
            "setup teardown",
            "ok teardown");
    assertThat(result.succeeded()).isEqualTo(1);
    assertThat(result.failed()).isEqualTo(3);
    assertThat(events)
        .extracting(event -> String.valueOf(event.error()))
        .satisfiesExactly(
            error -> assertThat(error).isEqualTo("null"),
            error -> assertThat(error).contains("it is one"),
            error -> assertThat(error).contains("it is setup"),
            error -> assertThat(error).startsWith("The teardown failed: "));
  }

  private static void failIfOne(Parameter parameter) {
    if (parameter.text().equals("1")) {
      throw new IllegalStateException("it is one");
    }
  }

  private static void failIf(Parameter parameter, String item) {
    if (parameter.text().equals(item)) {
      throw new IllegalStateException("it is " + item);
    }
  }

  @Test
  void process_codeThatTakesLong_keepsNoOtherItem() throws Exception {
    fill("first", "second");
    CountDownLatch second = new CountDownLatch(1);
    MinionResult result =
        run(
            Minion.process(
                    parameter -> {
                      if (parameter.text().equals("first")) {
                        await(second);
                      } else {
                        second.countDown();
                      }
                      return Command.of("true");
                    })
                .parallel(2));
    assertThat(result.succeeded()).isEqualTo(2);
  }

  @Test
  void teardown_ofACommandThatCannotBeMade_keepsNoOtherItem() throws Exception {
    fill("first", "second");
    CountDownLatch second = new CountDownLatch(1);
    MinionResult result =
        run(
            Minion.process(
                    parameter -> {
                      failIf(parameter, "first");
                      return Command.of("true");
                    })
                .teardownKo((_, _) -> await(second))
                .teardownOk(_ -> second.countDown())
                .parallel(2));
    assertThat(result.succeeded()).isEqualTo(1);
    assertThat(result.failed()).isEqualTo(1);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void reporterThatFails_doesNotHurt() throws Exception {
    fill("0", "1");
    Reporter failing =
        _ -> {
          throw new IOException("the disk is full");
        };
    MinionResult result = with(Minion.command("echo")).reporter(failing).run();
    assertThat(result.succeeded()).isEqualTo(2);
  }

  @Test
  void dryRun_printsCommands_andAcknowledges() throws Exception {
    fill("0", "1");
    MinionResult result = run(Minion.command("no-such-program", "--x", "{}").dryRun());
    assertThat(lines())
        .containsExactly("[dry mode] no-such-program --x 0", "[dry mode] no-such-program --x 1");
    assertThat(result.succeeded()).isEqualTo(2);
    assertThat(run(Minion.command("echo")).succeeded()).isZero();
  }

  @Test
  void dryRun_commandThatCannotBeMade_isNoted_andTheOthersFollow() throws Exception {
    fill("0", "1");
    MinionResult result =
        run(
            Minion.process(
                    parameter -> {
                      failIf(parameter, "0");
                      return Command.of("echo", parameter.text());
                    })
                .dryRun());
    assertThat(lines()).singleElement().asString().startsWith("[dry mode] ").contains("1");
    assertThat(result.succeeded()).isEqualTo(1);
    assertThat(result.failed()).isEqualTo(1);
    assertThat(noted.toString(UTF_8)).contains("minion: item 0 failed: ");
  }

  @Test
  void process_codeThatThrowsAnError_failsTheItem() throws Exception {
    fill("0");
    MinionResult result =
        run(
            Minion.process(
                    _ -> {
                      throw new NoClassDefFoundError("com/acme/Missing");
                    })
                .onFailure(OnFailure.DEAD));
    assertThat(result.failed()).isEqualTo(1);
    assertThat(letters()).singleElement().asString().contains("com/acme/Missing");
  }

  @Test
  void lines_minionThatIsStopped_leavesNoThread() throws Exception {
    Path file = Files.writeString(temporary.resolve("lines"), "line\n".repeat(10_000));
    CountDownLatch started = new CountDownLatch(1);
    RunningMinion minion =
        with(Minion.command("true")).queue("lines:" + file).setup(_ -> started.countDown()).start();
    started.await();
    minion.stop();
    assertThat(minion.await().stopped()).isTrue();
    while (Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals("grain-minion-lines"))) {
      Thread.onSpinWait();
    }
  }

  @Test
  void interrupt_stopsTheMinion() throws Exception {
    RunningMinion minion = with(Minion.command("echo")).follow().start();
    Thread.currentThread().interrupt();
    assertThatThrownBy(minion::await).isInstanceOf(InterruptedException.class);
    assertThat(minion.await().stopped()).isTrue();
  }

  @Test
  void program_thatIsKilledWithItsMinion_givesItsItemBack() throws Exception {
    fill("0");
    Path begun = temporary.resolve("begun");
    Path stopped = temporary.resolve("stopped");
    // as if the batch system sent SIGTERM to all processes of a job
    String script =
        ": > %s; until [ -e %s ]; do sleep 0.02; done; kill -TERM $$".formatted(begun, stopped);
    RunningMinion minion = with(Minion.command("sh", "-c", script)).start();
    while (!Files.exists(begun)) {
      LockSupport.parkNanos(2_000_000);
    }
    minion.stop();
    Files.createFile(stopped);
    MinionResult result = minion.await();
    assertThat(result.returned()).isEqualTo(1);
    assertThat(result.failed()).isZero();
    assertThat(provider().stat(QueueAddress.parse(address), QueueSettings.DEFAULTS).ready())
        .hasValue(1);
  }

  /** What a method takes. */
  record Rate(double lr) {}

  @Minionize
  static void takeRate(Rate rate) {
    if (rate.lr() < 0) {
      throw new IllegalArgumentException("it is negative");
    }
  }

  @Test
  void item_thatDoesNotFitAMethod_isADeadLetter() throws Exception {
    fill("{\"lr\": 0.1}", "{\"lr\": \"fast\"}", "{\"lr\": -1}");
    MethodCall call =
        MethodCall.find(
            MinionTest.class.getName() + "::takeRate", MinionTest.class.getClassLoader());
    MinionResult result = run(Minion.function(call).decoder(Parameter.Decoder.JSON));
    assertThat(result.succeeded()).isEqualTo(1);
    assertThat(result.failed()).isEqualTo(1);
    assertThat(letters())
        .singleElement()
        .asString()
        .startsWith("{\"lr\": \"fast\"}: The item ")
        .contains("does not fit " + Rate.class.getName());
  }
}
