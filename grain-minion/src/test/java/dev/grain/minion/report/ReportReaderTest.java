package dev.grain.minion.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.APPEND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalLong;
import java.util.SequencedMap;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read from the folder of the JSON reporter, while it is written. */
final class ReportReaderTest {
  private static final Offset<Double> NEARLY = within(1e-4);
  private static final double T = 1_606_550_400;

  @TempDir private Path folder;

  private final List<String> heard = new ArrayList<>();
  private Instant now = Instant.EPOCH;

  private static String event(String uid, long generation, double start, double end) {
    return event(uid, generation, start, end, null);
  }

  private static String event(
      String uid, long generation, double start, double end, @Nullable String error) {
    return EventJson.write(
            new MinionEvent(
                uid,
                generation,
                T + start,
                T + end,
                "item " + generation,
                error,
                List.of(
                    new MinionEvent.Action("next", T + start, T + start),
                    new MinionEvent.Action("process", T + start, T + end)),
                "node-" + uid,
                new LinkedHashMap<>()))
        + "\n";
  }

  private void append(String uid, String... lines) throws IOException {
    Path file = folder.resolve(uid);
    if (!Files.exists(file)) {
      Files.createFile(file);
    }
    Files.writeString(file, String.join("", lines), UTF_8, APPEND);
  }

  private ReportReader reader() {
    return ReportReader.of(folder, event -> heard.add(event.uid() + event.generation()), () -> now);
  }

  private Report read(ReportReader reader, Instant time, int steps) throws IOException {
    now = time;
    return reader.read(steps);
  }

  private static Instant at(double seconds) {
    return Instant.ofEpochMilli(Math.round((T + seconds) * 1000));
  }

  private void status(MinionState state, double time, int running) throws IOException {
    SequencedMap<String, String> batch = new LinkedHashMap<>();
    batch.put("oar_job_id", "1287856");
    try (JsonReporter reporter = new JsonReporter(folder)) {
      reporter.status(
          new MinionStatus(
              "a",
              "igrida-12",
              4711,
              batch,
              T,
              T + time,
              state,
              null,
              1,
              0,
              0,
              0,
              running,
              running == 0 ? List.of() : List.of(new MinionStatus.Item(2, T + 1, "7")),
              new MinionStatus.Queue(
                  "file:sweeps",
                  T + time,
                  OptionalLong.of(8),
                  OptionalLong.of(2),
                  OptionalLong.of(10),
                  OptionalLong.of(0)),
              List.of("hello 7"),
              List.of("careful")));
    }
  }

  // ---------------------------------------------------------------- statistics

  @Test
  void run_isSummedUp() throws Exception {
    append("a", event("a", 1, 0, 1), event("a", 2, 1, 4), event("a", 3, 4, 6, "boom"));
    append("b", event("b", 1, 2, 4), event("b", 2, 4, 10));
    Report report = read(reader(), at(100), 10);

    Report.Summary summary = report.summary();
    assertThat(summary.seconds()).isEqualTo(10, NEARLY);
    assertThat(summary.generations()).isEqualTo(5);
    assertThat(summary.successes()).isEqualTo(4);
    assertThat(summary.errors()).isEqualTo(1);
    assertThat(summary.percentFailed()).isEqualTo(20, NEARLY);
    assertThat(summary.rate()).isEqualTo(0.5, NEARLY);
    assertThat(summary.minions()).isEqualTo(2);
    assertThat(summary.perMinion()).isEqualTo(2.5, NEARLY);
    assertThat(summary.oldest()).isEqualTo(8, NEARLY);
    assertThat(summary.streak()).isEqualTo(2);

    Report.Distribution durations = report.generations().durations();
    assertThat(durations.count()).isEqualTo(5);
    assertThat(durations.least()).isEqualTo(1, NEARLY);
    assertThat(durations.mean()).isEqualTo(14 / 5.0, NEARLY);
    assertThat(durations.median()).isEqualTo(2, NEARLY);
    assertThat(durations.most()).isEqualTo(6, NEARLY);
    assertThat(durations.bins()).extracting(Report.Bin::count).containsExactly(1L, 2L, 1L, 0L, 1L);

    // in the tenth second a, in the second a, in the third to sixth a and b, then b
    assertThat(report.inFlight().series().values())
        .usingElementComparator((a, b) -> Math.abs(a - b) < 1e-4 ? 0 : Double.compare(a, b))
        .containsExactly(1.0, 1.0, 2.0, 2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0);
    assertThat(report.inFlight().most()).isEqualTo(2, NEARLY);
    assertThat(report.failures().count()).isEqualTo(1);
    assertThat(report.table()).extracting(Report.OfMinion::uid).containsExactly("a", "b");
    assertThat(report.table().getFirst().lastError()).isEqualTo("boom");
    assertThat(report.table().getFirst().state()).isEqualTo(MinionState.UNKNOWN);
  }

  @Test
  void rate_countsTheEndsOfEachStep() throws Exception {
    append("a", event("a", 1, 0, 0.5), event("a", 2, 0, 0.6), event("a", 3, 1, 3.5));
    append("a", event("a", 4, 3.5, 4));
    Report.Series series = read(reader(), at(10), 4).generations().rate().series();
    assertThat(series.step()).isEqualTo(1, NEARLY);
    assertThat(series.values().getFirst()).isEqualTo(2, NEARLY);
    assertThat(series.values().get(1)).isZero();
    assertThat(series.over(10).values().get(1)).isEqualTo(1, NEARLY);
  }

  @Test
  void activity_namesTheNodes_andTheLastWindow() throws Exception {
    append("a", event("a", 1, 0, 1), event("a", 2, 1, 2, "boom"));
    for (int i = 1; i <= 10; i++) {
      append("b", event("b", i, i - 1, i));
    }
    Report.Activity activity = read(reader(), at(100), 10).activity();
    assertThat(activity.window()).isEqualTo(2, NEARLY);
    assertThat(activity.generations())
        .containsExactly(new Report.Busiest("node-b", "", 10), new Report.Busiest("node-a", "", 2));
    assertThat(activity.recent()).containsExactly(new Report.Busiest("node-b", "", 2));
    assertThat(activity.errors()).containsExactly(new Report.Busiest("node-a", "", 1));
    assertThat(activity.recentErrors()).isEmpty();
  }

  @Test
  void run_ofNoTimeAtAll_hasARate() throws Exception {
    append("a", event("a", 1, 0, 0));
    Report report = read(reader(), at(1), 100);
    assertThat(report.summary().rate()).isEqualTo(10, NEARLY);
    assertThat(report.generations().rate().series().values()).hasSize(1);
    assertThat(report.generations().durations().bins()).hasSize(1);
  }

  @Test
  void event_whoseSetupFailed_hasNoDuration() throws Exception {
    append(
        "a",
        """
        {"uid":"a","generation":1,"start":1606550400.1,"end":1606550400.2,"param":"0",\
        "error":"no room","atomic_actions":[],"nodename":"n"}
        """);
    Report report = read(reader(), at(1), 100);
    assertThat(report.failures().count()).isEqualTo(1);
    assertThat(report.failures().durations().count()).isZero();
    assertThat(report.summary().notProcessed()).isEqualTo(1);
  }

  @Test
  void manyEvents_areSummedUp_inLittleSpace() throws Exception {
    StringBuilder lines = new StringBuilder();
    for (int i = 1; i <= 20_000; i++) {
      lines.append(event("a", i, i - 1, i - 1 + (i % 100) / 100.0));
    }
    append("a", lines.toString());
    Report report = read(reader(), at(20_000), 50);
    assertThat(report.generations().count()).isEqualTo(20_000);
    assertThat(report.generations().durations().bins().stream().mapToLong(Report.Bin::count))
        .hasSize(10)
        .allSatisfy(count -> assertThat(count).isBetween(1_900L, 2_100L));
    assertThat(report.generations().durations().median()).isEqualTo(0.49, within(0.02));
    assertThat(report.inFlight().series().values())
        .allSatisfy(level -> assertThat(level).isEqualTo(0.495, within(0.02)));
    assertThat(report.generations().rate().series().values())
        .allSatisfy(rate -> assertThat(rate).isEqualTo(1, within(0.02)));
  }

  // ---------------------------------------------------------------- reading

  @Test
  void folder_thatIsNotThere_isAnError() {
    assertThatThrownBy(() -> ReportReader.of(folder.resolve("none")).read(1))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void folder_thatIsEmpty_hasNoMinion() throws Exception {
    Report report = read(reader(), at(0), 100);
    assertThat(report.isEmpty()).isTrue();
    assertThat(report.summary().rate()).isZero();
  }

  @Test
  void events_areReadOnce_asFilesGrow() throws Exception {
    ReportReader reader = reader();
    append("a", event("a", 1, 0, 1));
    read(reader, at(1), 10);
    append("a", event("a", 2, 1, 2));
    append("b", event("b", 1, 0, 2));
    assertThat(read(reader, at(2), 10).generations().count()).isEqualTo(3);
    assertThat(read(reader, at(2), 10).generations().count()).isEqualTo(3);
    assertThat(heard).containsExactly("a1", "a2", "b1");
  }

  @Test
  void lastLine_thatIsCut_waitsForItsEnd() throws Exception {
    ReportReader reader = reader();
    String line = event("a", 1, 0, 1);
    append("a", line.substring(0, 40));
    assertThat(read(reader, at(1), 10).generations().count()).isZero();
    append("a", line.substring(40));
    Report report = read(reader, at(1), 10);
    assertThat(report.generations().count()).isEqualTo(1);
    assertThat(report.unreadable().count()).isZero();
  }

  @Test
  void lines_thatAreNoEvents_areCountedAndNamed() throws Exception {
    append("a", "nonsense\n", event("a", 1, 0, 1), "{\"uid\":\"a\"}\n", "\n");
    append("README", "What this is\n");
    Report report = read(reader(), at(1), 10);
    assertThat(report.generations().count()).isEqualTo(1);
    assertThat(report.unreadable().count()).isEqualTo(3);
    assertThat(report.unreadable().first().getFirst())
        .startsWith("README, line 1, is not a JSON object");
    assertThat(report.unreadable().first().getLast())
        .isEqualTo("a, line 3, is no event: it has no uid or no generation");
  }

  @Test
  void file_thatHasGone_isNoLongerCounted() throws Exception {
    ReportReader reader = reader();
    append("a", event("a", 1, 0, 1));
    append("b", event("b", 1, 0, 1), event("b", 2, 1, 2));
    assertThat(read(reader, at(2), 10).generations().count()).isEqualTo(3);
    Files.delete(folder.resolve("b"));
    Report report = read(reader, at(2), 10);
    assertThat(report.generations().count()).isEqualTo(1);
    assertThat(report.table()).hasSize(1);
  }

  @Test
  void file_thatWasCutOrReplaced_isReadAnew() throws Exception {
    ReportReader reader = reader();
    append("a", event("a", 1, 0, 1), event("a", 2, 1, 2));
    read(reader, at(2), 10);
    Files.writeString(folder.resolve("a"), event("a", 7, 0, 1));
    assertThat(read(reader, at(2), 10).generations().count()).isEqualTo(1);
    Path other = folder.resolve(".other");
    Files.writeString(other, event("a", 8, 0, 1) + event("a", 9, 1, 2));
    Files.delete(folder.resolve("a"));
    Files.move(other, folder.resolve("a"));
    assertThat(read(reader, at(2), 10).generations().count()).isEqualTo(2);
    assertThat(heard).containsExactly("a1", "a2", "a7", "a8", "a9");
  }

  @Test
  void line_ofMegabytes_isRead() throws Exception {
    append("a", event("a", 1, 0, 1).replace("item 1", "x".repeat(3_000_000)), event("a", 2, 1, 2));
    assertThat(read(reader(), at(2), 10).generations().count()).isEqualTo(2);
  }

  // ---------------------------------------------------------------- live

  @Test
  void minion_atWork_isThereBeforeItsFirstEvent() throws Exception {
    status(MinionState.WORKING, 2, 1);
    Report report = read(reader(), at(4), 4);
    Report.OfMinion minion = report.table().getFirst();
    assertThat(minion.nodename()).isEqualTo("igrida-12");
    assertThat(minion.pid()).isEqualTo(4711);
    assertThat(minion.state()).isEqualTo(MinionState.WORKING);
    assertThat(minion.items().getFirst().param()).isEqualTo("7");
    assertThat(minion.output()).containsExactly("hello 7");
    assertThat(report.summary().alive()).isEqualTo(1);
    assertThat(report.inFlight().now()).isEqualTo(1);
    assertThat(report.inFlight().series().values().getLast()).isEqualTo(1, NEARLY);
    assertThat(report.minions().alive().values()).allMatch(level -> Math.abs(level - 1) < 1e-4);
  }

  @Test
  void minion_thatWasKilled_isSilent() throws Exception {
    status(MinionState.WORKING, 2, 1);
    Report report = read(reader(), at(60), 10);
    assertThat(report.table().getFirst().state()).isEqualTo(MinionState.SILENT);
    assertThat(report.inFlight().now()).isZero();
    assertThat(report.summary().alive()).isZero();
    assertThat(report.end()).isEqualTo(T + 2);
  }

  @Test
  void minion_thatHasEnded_staysSo() throws Exception {
    status(MinionState.ENDED, 2, 0);
    assertThat(read(reader(), at(60), 10).table().getFirst().state()).isEqualTo(MinionState.ENDED);
  }

  @Test
  void queue_saysHowLongItTakes() throws Exception {
    for (int i = 1; i <= 10; i++) {
      append("a", event("a", i, i - 1, i));
    }
    status(MinionState.WORKING, 10, 1);
    Report.Queue queue = read(reader(), at(10), 10).queues().getFirst();
    assertThat(queue.address()).isEqualTo("file:sweeps");
    assertThat(queue.minions()).isEqualTo(1);
    assertThat(queue.ready()).hasValue(8);
    assertThat(queue.secondsLeft()).isEqualTo(10, within(1.5));
  }

  @Test
  void status_isInAFolder_thatReadersOfEventsSkip() throws Exception {
    status(MinionState.WORKING, 2, 1);
    try (var files = Files.list(folder)) {
      assertThat(files).allMatch(Files::isDirectory);
    }
  }

  @Test
  void status_thatCannotBeRead_isAsIfItWereNotThere() throws Exception {
    append("a", event("a", 1, 0, 1));
    Files.createDirectories(folder.resolve(".status"));
    Files.writeString(folder.resolve(".status/a.json"), "{");
    Report report = read(reader(), at(1), 10);
    assertThat(report.table()).hasSize(1);
    assertThat(report.table().getFirst().state()).isEqualTo(MinionState.UNKNOWN);
  }
}
