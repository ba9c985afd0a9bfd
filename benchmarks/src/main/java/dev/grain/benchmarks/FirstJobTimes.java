package dev.grain.benchmarks;

import java.util.List;
import java.util.Locale;

/** What the first job of one kind took, run by run, and what of it went where. */
final class FirstJobTimes {
  private final String name;
  private final Samples whole = new Samples();
  private final Samples hashing = new Samples();
  private final Samples fetching = new Samples();
  private final Samples storing = new Samples();
  private final Samples loading = new Samples();
  private final Samples running = new Samples();
  private final Samples second = new Samples();

  FirstJobTimes(String name) {
    this.name = name;
  }

  /**
   * Adds a run.
   *
   * @param times when it was connected, submitted, begun and ended, and the same of a second job
   * @param stored what the worker has written between; the job was not begun before the end of it
   */
  void add(List<Long> times, StoredCode stored) {
    long connected = times.get(0);
    long submitted = times.get(1);
    long begun = times.get(2);
    long ended = times.get(3);
    whole.add(millis(ended - connected));
    hashing.add(millis(submitted - connected));
    long complete = Math.max(stored.end(), submitted);
    fetching.add(millis(complete - submitted - stored.micros()));
    storing.add(millis(stored.micros()));
    loading.add(millis(begun - complete));
    running.add(millis(ended - begun));
    second.add(millis(times.get(7) - times.get(4)));
  }

  private static double millis(long micros) {
    return micros / 1e3;
  }

  void addTo(Table table) {
    table.row(
        name,
        Interleaved.millis(whole.median()),
        String.format(Locale.ROOT, "%.0f %%", 100 * whole.spread()),
        Interleaved.millis(hashing.median()),
        Interleaved.millis(fetching.median()),
        Interleaved.millis(storing.median()),
        Interleaved.millis(loading.median()),
        Interleaved.millis(running.median()),
        Interleaved.millis(second.median()));
  }

  void compare(Report report) {
    report.figure("first-job " + name, whole.median() / 1e3);
    report.ratio("first job", "second", name, whole.median() / second.median());
  }
}
