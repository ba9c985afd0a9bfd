package dev.grain.service.log;

import dev.grain.bytes.Bytes;
import dev.grain.service.log.LogQueue.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The logs of the jobs of a head: what each attempt has printed. For all threads; who prints never
 * waits.
 *
 * <p>A log is on its way to the disk for some milliseconds. What is there survives the end of the
 * process, and not always that of the machine. Of a long log, the middle is dropped. If the disk is
 * too slow or full, jobs go on, and the log says how much of it is missing.
 */
public final class Logs implements AutoCloseable {
  private final LogFolder folder;
  private final LogLimits limits;
  private final LogQueue queue;
  private final Thread thread;

  // by the numbers of their jobs; the sets belong to the table
  private final Map<Long, Set<LogWatch>> watches = new ConcurrentHashMap<>();

  private Logs(LogFolder folder, LogLimits limits) {
    this.folder = folder;
    this.limits = limits;
    this.queue = new LogQueue(limits);
    this.thread =
        Thread.ofPlatform()
            .daemon()
            .name("grain-logs")
            .unstarted(new LogWriter(folder, limits, queue, new Telling()));
  }

  /**
   * Opens a folder, which is made if it does not exist.
   *
   * @param reserve how many bytes of the disk are left free
   * @param last the largest number that a job has had: logs of others are those of jobs that were
   *     stored after a backup, from which the store was restored; they are removed, as their
   *     numbers will be those of other jobs
   * @throws IOException if the folder cannot be used
   */
  public static Logs open(Path folder, long reserve, long last) throws IOException {
    return open(folder, LogLimits.usual(reserve), last);
  }

  static Logs open(Path folder, LogLimits limits, long last) throws IOException {
    Files.createDirectories(folder);
    LogFolder files = new LogFolder(folder);
    for (Path part : files.partsFrom(last)) {
      NavigableSet<Long> jobs = LogFolder.jobs(part);
      var _ = LogFolder.remove(part, jobs.tailSet(last, false));
    }
    Logs logs = new Logs(files, limits);
    logs.thread.start();
    return logs;
  }

  /** Passes on what was written to those who wait for it. */
  private final class Telling implements LogWriter.Told {
    @Override
    public void changed(long job, int attempt) {
      tell(job, watch -> watch.onChanged(attempt));
    }

    @Override
    public void ended(long job) {
      tell(job, LogWatch::onEnded);
    }

    private void tell(long job, Consumer<LogWatch> what) {
      watches.getOrDefault(job, Set.of()).forEach(what);
    }
  }

  LogFolder folder() {
    return folder;
  }

  // ---------------------------------------------------------------- writing

  /**
   * Takes what an attempt has printed.
   *
   * @param text in UTF-8, as a rule
   * @param error whether to standard error
   */
  public void print(long job, int attempt, Bytes text, boolean error) {
    queue.print(new Entry.Printed(job, attempt, LogStream.of(error), text));
  }

  /** Has everybody look again who follows the log of a job: one of its attempts has ended. */
  public void attemptEnded(long job) {
    var _ = queue.add(new Entry.Mark(job, () -> {}));
  }

  /** A job prints nothing more, and the store has its end. */
  public void ended(long job) {
    var _ = queue.add(new Entry.Ended(job));
  }

  // ---------------------------------------------------------------- reading

  /**
   * Waits until everything is in the files that a job has printed so far; but no longer than a
   * second, if the disk is slow.
   */
  public void awaitWritten(long job) throws InterruptedException {
    CountDownLatch written = new CountDownLatch(1);
    if (queue.add(new Entry.Mark(job, written::countDown))) {
      var _ = written.await(1, TimeUnit.SECONDS);
    }
  }

  /**
   * Returns the attempts of a job of whose logs something is kept, in ascending order.
   *
   * @throws IOException if the folder cannot be read
   */
  public List<Integer> attempts(long job) throws IOException {
    return folder.of(job).stream().map(SegmentName::attempt).distinct().toList();
  }

  /**
   * Reads the log of an attempt, from a byte on.
   *
   * @param offset how many bytes of the stream are left out
   * @throws IOException if the files cannot be read
   */
  public LogReader read(long job, int attempt, LogStream stream, long offset) throws IOException {
    return LogReader.from(folder, limits, new LogReader.Selection(job, attempt, stream), offset);
  }

  /** Reads the end of the log of an attempt; see {@link #read}. */
  public LogReader readEnd(long job, int attempt, LogStream stream, long bytes) throws IOException {
    return LogReader.ofEnd(folder, limits, new LogReader.Selection(job, attempt, stream), bytes);
  }

  /** Returns what waits for changes of the log of a job, which may not have one yet. */
  public LogWatch watch(long job) {
    LogWatch watch = new LogWatch(job, this::forget);
    var _ =
        watches.compute(
            job,
            (_, known) -> {
              Set<LogWatch> those = known == null ? ConcurrentHashMap.newKeySet() : known;
              those.add(watch);
              return those;
            });
    return watch;
  }

  private void forget(LogWatch watch) {
    watches.computeIfPresent(
        watch.job(),
        (_, those) -> {
          those.remove(watch);
          return those.isEmpty() ? null : those;
        });
  }

  /** Takes nothing more, and returns when everything is written. */
  @Override
  public void close() {
    queue.close();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
