package dev.grain.top;

import dev.grain.minion.report.JsonReporter;
import dev.grain.minion.report.MinionEvent;
import dev.grain.minion.report.MinionState;
import dev.grain.minion.report.MinionStatus;
import dev.grain.minion.report.Report;
import dev.grain.minion.report.ReportReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalLong;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** A minute of three minions, one of which was killed after twenty seconds. */
final class Sample {
  /** When they were started. */
  static final Instant START = Instant.parse("2020-11-28T08:00:00Z");

  /** A minute later. */
  static final Instant NOW = START.plusSeconds(60);

  private Sample() {}

  static Path write(Path folder) throws IOException {
    minion(folder, "aaaa", "igrida-12", "1287856", 60, 1.0, 10, MinionState.WORKING, 60);
    minion(folder, "bbbb", "igrida-13", "1287857", 30, 2.0, 7, MinionState.STOPPING, 60);
    minion(folder, "cccc", "igrida-14", "1287858", 5, 4.0, 99, MinionState.WORKING, 20);
    return folder;
  }

  static Report read(Path folder, int steps) throws IOException {
    return ReportReader.of(folder, _ -> {}, () -> NOW).read(steps);
  }

  private static double at(double seconds) {
    return START.getEpochSecond() + seconds;
  }

  private static void minion(
      Path folder,
      String uid,
      String node,
      String job,
      int items,
      double each,
      int failing,
      MinionState state,
      double until)
      throws IOException {
    SequencedMap<String, String> batch = new LinkedHashMap<>();
    batch.put("oar_job_id", job);
    try (JsonReporter reporter = new JsonReporter(folder)) {
      for (int i = 1; i <= items; i++) {
        double start = at((i - 1) * each);
        double end = at(i * each);
        reporter.fire(
            new MinionEvent(
                uid,
                i,
                start,
                end,
                "item " + i,
                error(i, failing),
                List.of(
                    new MinionEvent.Action("next", start, start),
                    new MinionEvent.Action("process", start + each / 10 * (i % 5), end)),
                node,
                batch));
      }
      reporter.status(
          new MinionStatus(
              uid,
              node,
              4000 + items,
              batch,
              at(0),
              at(until),
              state,
              null,
              items - items / failing,
              items / failing,
              0,
              0,
              1,
              List.of(
                  new MinionStatus.Item(items + 1, at(items * each) - 0.25, "item " + (items + 1))),
              new MinionStatus.Queue(
                  "file:/scratch/alice/sweeps",
                  at(until),
                  OptionalLong.of(205),
                  OptionalLong.of(3),
                  OptionalLong.of(92),
                  OptionalLong.of(0)),
              List.of("hello from " + job, "loss 0.25 after 10 epochs \u001b[31mred\u001b[0m"),
              List.of("minion: item item 10 failed: boom")));
    }
  }

  private static @Nullable String error(int item, int failing) {
    return item % failing == 0 ? "\"a.out %s\" exited with code 1\nboom".formatted(item) : null;
  }
}
