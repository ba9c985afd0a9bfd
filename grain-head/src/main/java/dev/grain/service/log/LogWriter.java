package dev.grain.service.log;

import dev.grain.bytes.Bytes;
import dev.grain.service.log.LogQueue.Batch;
import dev.grain.service.log.LogQueue.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.concurrent.TimeUnit;

/** Writes what is in the queue. Everything but its start is for the thread that runs it. */
final class LogWriter implements Runnable {
  private static final System.Logger LOG = System.getLogger("dev.grain.head");
  private static final long RETRY_MILLIS = 1000;
  private static final String TOO_SLOW = "the disk of the head was too slow";

  /** How many logs may lack something; of more, the first ones will not say it. */
  private static final int MOST_OWING = 10_000;

  private final LogFolder folder;
  private final LogLimits limits;
  private final LogQueue queue;
  private final Told told;
  private final ByteBuffer buffer = AttemptLog.buffer();

  // those of jobs that have printed something and have not ended, by the numbers of the jobs
  private final Map<Long, AttemptLog> logs = new HashMap<>();
  // those that lack something and do not say it yet
  private final SequencedSet<AttemptLog> owing = new LinkedHashSet<>();
  private boolean failing;
  // when that was tried the last time
  private long settled = System.nanoTime();

  /** Learns what is in the files by now. */
  interface Told {
    /** Something of an attempt is; or, if it is 0, something else was to be told. */
    void changed(long job, int attempt);

    /** All of a job is, which has ended. */
    void ended(long job);
  }

  LogWriter(LogFolder folder, LogLimits limits, LogQueue queue, Told told) {
    this.folder = folder;
    this.limits = limits;
    this.queue = queue;
    this.told = told;
  }

  @Override
  public void run() {
    try {
      while (true) {
        Batch batch = queue.take(owing.isEmpty() ? 0 : RETRY_MILLIS);
        if (batch == null) {
          return;
        }
        write(batch);
        queue.onWritten(batch);
        settle();
      }
    } catch (InterruptedException e) {
      // nobody does
      Thread.currentThread().interrupt();
    }
  }

  private void write(Batch batch) {
    SequencedMap<Long, List<Entry>> byJob = new LinkedHashMap<>();
    batch
        .entries()
        .forEach(each -> byJob.computeIfAbsent(each.job(), _ -> new ArrayList<>()).add(each));
    byJob.forEach((job, entries) -> {
      try {
        write(job, entries);
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.ERROR, "The log of the job " + job + " is incomplete", e);
        logs.remove(job);
      }
    });
  }

  private void write(long job, List<Entry> entries) {
    int latest = 0;
    boolean ended = false;
    List<Runnable> marks = new ArrayList<>();
    for (Entry each : entries) {
      switch (each) {
        case Entry.Printed(long _, int attempt, LogStream stream, Bytes text) -> {
          log(job, attempt).add(stream, text);
          latest = Math.max(latest, attempt);
        }
        case Entry.LeftOut(long _, int attempt, Lengths lengths) -> {
          AttemptLog log = log(job, attempt);
          flush(log);
          log.miss(LogStream.OUT, lengths.out(), TOO_SLOW);
          log.miss(LogStream.ERR, lengths.err(), TOO_SLOW);
          latest = Math.max(latest, attempt);
        }
        case Entry.Mark mark -> marks.add(mark.then());
        case Entry.Ended _ -> ended = true;
      }
    }
    AttemptLog log = logs.get(job);
    if (log != null) {
      flush(log);
    }
    told.changed(job, latest);
    marks.forEach(Runnable::run);
    if (ended) {
      logs.remove(job);
      told.ended(job);
    }
  }

  /** Returns the log of an attempt; what was collected for another one is written. */
  private AttemptLog log(long job, int attempt) {
    AttemptLog known = logs.get(job);
    if (known != null && known.attempt() == attempt) {
      return known;
    }
    if (known != null) {
      flush(known);
    }
    AttemptLog made = new AttemptLog(folder, limits, buffer, job, attempt);
    logs.put(job, made);
    return made;
  }

  private void flush(AttemptLog log) {
    Optional<IOException> failure = log.flush();
    if (failure.isPresent() && !failing) {
      failing = true;
      LOG.log(
          System.Logger.Level.WARNING,
          "What jobs print cannot be written to {0}: {1}. Jobs go on, and their logs will say what is missing.",
          folder.root(),
          failure.get().getMessage());
    } else if (failure.isEmpty() && failing && log.hasWritten()) {
      failing = false;
      LOG.log(
          System.Logger.Level.INFO, "What jobs print can be written to {0} again.", folder.root());
    }
    if (!log.owes()) {
      owing.remove(log);
    } else if (owing.add(log) && owing.size() > MOST_OWING) {
      owing.removeFirst();
    }
  }

  /** Tries to say what is missing in logs, once in a while. */
  private void settle() {
    long now = System.nanoTime();
    if (!owing.isEmpty() && now - settled >= TimeUnit.MILLISECONDS.toNanos(RETRY_MILLIS)) {
      settled = now;
      for (AttemptLog each : List.copyOf(owing)) {
        flush(each);
        if (each.owes()) {
          return;
        }
        told.changed(each.job(), each.attempt());
      }
    }
  }
}
