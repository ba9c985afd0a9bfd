package dev.grain;

import dev.grain.bytes.Bytes;
import dev.grain.code.Codec;
import dev.grain.dispatch.JobEnd;
import dev.grain.dispatch.OutcomeLog;
import dev.grain.explain.Reason;
import dev.grain.explain.Sentences;
import dev.grain.journal.Journal;
import dev.grain.journal.Journal.Receipt;
import dev.grain.journal.JournalEntry;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The journal of a run: what it knows is not run again, and what ends is in it before anybody
 * learns of it.
 *
 * <p>Cancellations are not written, because they imply nothing about the job.
 */
final class RunJournal implements OutcomeLog, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(RunJournal.class.getName());

  private final Journal journal;
  private final QueueGate gate;
  private final Consumer<JournalException> onFailure;
  // set once, by the journal's thread
  private volatile @Nullable JournalException failure;

  /**
   * Makes the journal of a run.
   *
   * @param gate what waits for the disk counts there
   * @param onFailure called by any thread, once, if it cannot be written
   */
  RunJournal(Journal journal, QueueGate gate, Consumer<JournalException> onFailure) {
    this.journal = journal;
    this.gate = gate;
    this.onFailure = onFailure;
  }

  /**
   * Opens the file of a journal.
   *
   * @throws JournalException if it cannot be opened
   * @throws GrainInterruptedException if the thread is interrupted
   */
  static Journal open(Path file, String run) {
    try {
      return Journal.open(file, run);
    } catch (ClosedByInterruptException e) {
      throw new GrainInterruptedException("the journal " + file);
    } catch (IOException e) {
      throw new JournalException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Returns the value that an earlier life got for a job; null if the job is to run.
   *
   * @param decoder tries whether the value can still be decoded, where the code may have changed;
   *     null if nobody has to
   */
  JobEnd.@Nullable Returned find(Bytes key, @Nullable Codec decoder) {
    JournalEntry.Ended ended = journal.find(key);
    if (ended == null || ended.kind() != JournalEntry.Kind.RETURNED) {
      return null;
    }
    try {
      Bytes value = journal.value(key);
      if (value == null) {
        return null;
      }
      if (decoder != null) {
        decoder.decodeValue(value);
      }
      return new JobEnd.Returned(value, ended.worker(), ended.attempt(), ended.ran(), List.of());
    } catch (IOException | RuntimeException e) {
      LOG.log(
          System.Logger.Level.DEBUG,
          "A result in the journal " + journal.file() + " cannot be used; the job runs again",
          e);
      return null;
    }
  }

  /** Notes that a job was not run, as an earlier life has its value. */
  void used(Bytes key) {
    append(new JournalEntry.Used(key), () -> {}, _ -> {});
  }

  @Override
  public void write(Bytes key, int attempt, JobEnd end, Consumer<JobEnd> delivery) {
    if (isCancelled(end)) {
      delivery.accept(end);
      return;
    }
    append(
        toEntry(key, attempt, end),
        () -> delivery.accept(end),
        why -> delivery.accept(notWritten(end, why)));
  }

  private static boolean isCancelled(JobEnd end) {
    return end instanceof JobEnd.Ended ended && ended.cause() == Cause.CANCELLED;
  }

  private static JournalEntry toEntry(Bytes key, int number, JobEnd end) {
    return switch (end) {
      case JobEnd.Returned(Bytes value, String worker, int attempt, long ran, var _) ->
          new JournalEntry.Ended(key, JournalEntry.Kind.RETURNED, attempt, ran, worker, value);
      case JobEnd.Threw(Bytes thrown, String worker, var attempts) ->
          new JournalEntry.Ended(
              key, JournalEntry.Kind.THREW, number, lastRun(attempts), worker, thrown);
      case JobEnd.Ended(Cause cause, Reason reason, var attempts) ->
          new JournalEntry.Ended(
              key,
              JournalEntry.Kind.OTHERWISE,
              number,
              lastRun(attempts),
              attempts.isEmpty() ? "" : attempts.getLast().worker(),
              Bytes.utf8(cause + ": " + Sentences.of(reason)));
    };
  }

  private static long lastRun(List<Attempt> attempts) {
    return attempts.isEmpty() ? 0 : attempts.getLast().ran().toNanos();
  }

  /** Returns how a job ends whose own end cannot be written. */
  private static JobEnd notWritten(JobEnd end, IOException why) {
    return end instanceof JobEnd.Ended
        ? end
        : new JobEnd.Ended(
            Cause.LOST,
            new Reason.Other("its result was not written to the journal. " + why.getMessage()),
            end.failedAttempts());
  }

  private void append(JournalEntry entry, Runnable written, Consumer<IOException> notWritten) {
    long size = Journal.sizeOf(entry);
    gate.hold(size);
    journal.append(
        entry,
        new Receipt() {
          @Override
          public void written() {
            gate.release(size);
            written.run();
          }

          @Override
          public void notWritten(IOException why) {
            gate.release(size);
            fail(why);
            notWritten.accept(why);
          }
        });
  }

  private void fail(IOException why) {
    synchronized (this) {
      if (failure != null) {
        return;
      }
      failure = new JournalException(String.valueOf(why.getMessage()), why.getCause());
    }
    onFailure.accept(failure);
  }

  /** The life has ended in good order. */
  void complete() {
    append(new JournalEntry.Completed(), () -> {}, _ -> {});
  }

  @Override
  public void close() {
    journal.close();
  }
}
