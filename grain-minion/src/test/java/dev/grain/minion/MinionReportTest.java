package dev.grain.minion;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.grain.minion.report.JsonReporter;
import dev.grain.minion.report.MinionEvent;
import dev.grain.minion.report.MinionState;
import dev.grain.minion.report.MinionStatus;
import dev.grain.minion.report.Report;
import dev.grain.minion.report.ReportReader;
import dev.grain.minion.report.Reporter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What minions report of themselves. */
final class MinionReportTest {
  @TempDir private Path temporary;

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final ByteArrayOutputStream noted = new ByteArrayOutputStream();

  // released by the test, awaited by the function, which has nothing of the test's own
  private static final CountDownLatch SEEN = new CountDownLatch(1);

  private QueueAddress address = QueueAddress.parse("file:none");

  @BeforeEach
  void create() throws QueueException {
    address = QueueAddress.parse("file:" + temporary.resolve("sweeps"));
    Queues.of(address).create(address, QueueSettings.DEFAULTS);
  }

  private void fill(String... items) throws QueueException {
    Queues.of(address)
        .fill(
            address,
            QueueSettings.DEFAULTS,
            Arrays.stream(items).map(item -> item.getBytes(UTF_8)).iterator());
  }

  private Minion with(Minion minion) {
    return minion
        .queue(address.toString())
        .print(new PrintStream(printed, true, UTF_8), new PrintStream(noted, true, UTF_8));
  }

  /** Keeps what a minion does. */
  private static final class Statuses implements Reporter {
    private final LinkedBlockingQueue<MinionStatus> told = new LinkedBlockingQueue<>();

    @Override
    public void fire(MinionEvent event) {}

    @Override
    public boolean wantsStatus() {
      return true;
    }

    @Override
    public void status(MinionStatus status) {
      told.add(status);
    }

    MinionStatus next(MinionState state) throws InterruptedException {
      MinionStatus status = told.take();
      while (status.state() != state) {
        status = told.take();
      }
      return status;
    }
  }

  @Test
  void minion_reportsWhatItHasDone() throws Exception {
    fill("0", "1", "2");
    Path reports = temporary.resolve("reports/of/minions");
    MinionResult result =
        with(Minion.command("sh", "-c", "echo hello $0; echo careful >&2; exit $0"))
            .reporter(new JsonReporter(reports))
            .run();
    assertThat(result.failed()).isEqualTo(2);

    Report report = ReportReader.of(reports).read(50);
    assertThat(report.summary().successes()).isEqualTo(1);
    assertThat(report.summary().errors()).isEqualTo(2);
    Report.OfMinion minion = report.table().getFirst();
    assertThat(minion.state()).isEqualTo(MinionState.ENDED);
    assertThat(minion.pid()).isEqualTo(ProcessHandle.current().pid());
    assertThat(minion.output()).containsExactlyInAnyOrder("hello 0", "hello 1", "hello 2");
    assertThat(minion.errorOutput()).contains("careful").anyMatch(line -> line.contains("item 2"));
    assertThat(report.queues().getFirst().address()).isEqualTo(address.toString());
    // as before
    assertThat(printed.toString(UTF_8).lines()).hasSize(3);
  }

  @Test
  void itemInFlight_isToldWhileItRuns() throws Exception {
    fill("7");
    Statuses statuses = new Statuses();
    RunningMinion minion = with(Minion.function(_ -> SEEN.await())).reporter(statuses).start();
    MinionStatus status = statuses.next(MinionState.WORKING);
    assertThat(status.running()).isEqualTo(1);
    assertThat(status.items().getFirst().param()).isEqualTo("7");
    assertThat(status.items().getFirst().generation()).isEqualTo(1);
    // the queue is asked less often
    while (status.queue().inFlight().orElse(0) == 0) {
      status = statuses.next(MinionState.WORKING);
    }
    assertThat(status.queue().inFlight()).hasValue(1);
    SEEN.countDown();
    assertThat(minion.await().succeeded()).isEqualTo(1);
    assertThat(statuses.next(MinionState.ENDED).succeeded()).isEqualTo(1);
  }

  @Test
  void minionThatFollows_waits() throws Exception {
    Statuses statuses = new Statuses();
    RunningMinion minion = with(Minion.command("true")).follow().reporter(statuses).start();
    assertThat(statuses.next(MinionState.WAITING).running()).isZero();
    minion.stop();
    assertThat(minion.await().stopped()).isTrue();
    assertThat(statuses.next(MinionState.ENDED).failure()).isNull();
  }

  @Test
  void reporterOnAFullDisk_doesNotHurt() throws Exception {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "There is no /dev/full; run this test on Linux.");
    fill("0", "1", "2");
    Path reports = Files.createDirectories(temporary.resolve("reports"));
    Reporter reporter = new JsonReporter(reports);
    Reporter linking =
        new Reporter() {
          @Override
          public void fire(MinionEvent event) throws IOException {
            Path file = reports.resolve(event.uid());
            if (!Files.isSymbolicLink(file)) {
              Files.createSymbolicLink(file, full);
            }
            reporter.fire(event);
          }

          @Override
          public void close() throws IOException {
            reporter.close();
          }
        };
    assertThat(with(Minion.command("true")).reporter(linking).run().succeeded()).isEqualTo(3);
  }
}
