package dev.grain.dispatch;

import dev.grain.bytes.Bytes;
import dev.grain.explain.Situation;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The door between a program and its head. A program submits jobs and calls them off; the {@link
 * JobClient} of a job notifies it of the progress, so that it never reads what belongs to the head.
 *
 * <p>All methods are for any thread. Once the head has ended, no job is left on it: those that
 * change something then do nothing.
 */
public interface Dispatch {
  /** Stands for a job that was prepared; it never changes. */
  interface Ticket {
    /** Returns how many bytes of memory the job's input takes until it ends. */
    long size();
  }

  /**
   * What the journal of a run has to do with a job.
   *
   * @param key names the job in the journal, by 32 bytes
   * @param known how an earlier life of the program saw it end; null if it is to run
   */
  record Journaled(Bytes key, JobEnd.@Nullable Returned known) {}

  /**
   * Why a job is where it is.
   *
   * @param job the job, for people
   * @param situation where it is, and why
   */
  record Explanation(String job, Situation situation) {}

  /** Returns a number for a job that no other job of the run has; the first is 1. */
  long nextNumber();

  /** Returns the number that was given last; 0 if none was. */
  long lastNumber();

  /**
   * Prepares a job, of which the head does not know before it is {@linkplain #submit submitted}.
   *
   * @param template what it has in common with jobs that are made alike
   * @param input what its work is given, encoded
   * @param journaled null if it is in no journal
   * @param client is notified of its progress
   */
  Ticket prepare(
      JobTemplate template, Bytes input, @Nullable Journaled journaled, JobClient client);

  /** Puts a job into the queue, once; returns false if the head has ended. */
  boolean submit(Ticket job);

  /** Ends a job wherever it is; does nothing if it has ended. */
  void cancel(Ticket job);

  /**
   * Ends jobs, a batch at a time, so that the head gets to other things between.
   *
   * @param batches gives the next batch, until one is empty; called on a thread of the dispatch, on
   *     which it must not block
   */
  void cancelAll(Supplier<List<Ticket>> batches);

  /**
   * Ends every job of the run, and those that are still to come.
   *
   * @return false if the head has ended, so that there is none
   */
  boolean cancelEverything();

  /**
   * Ends every job of the run that waits for a node, and those that are still to come.
   *
   * @param reason a sentence that states why
   */
  void giveUp(String reason);

  /**
   * Says whether a job runs again of which an attempt has failed, as {@link
   * JobClient#onFailedAttempt} asks; does nothing if the job has ended meanwhile.
   */
  void decide(Ticket job, int attempt, boolean again);

  /** Says why a job is where it is; returns null if it has ended. Waits for a turn of the head. */
  @Nullable Explanation explain(Ticket job);

  /**
   * Says why the job with that number is where it is; returns null if it has ended. Waits for a
   * turn of the head, which looks through the queue.
   */
  @Nullable Explanation explain(long number);

  /**
   * Returns the jobs, for people, that were asked to stop and have not yet.
   *
   * @param patience how many nanoseconds to wait for the answer; without one none is returned
   */
  List<String> stopping(long patience) throws InterruptedException;

  /** Returns how far the run is. Does not wait. */
  RunProgress progress();

  /**
   * Returns what has been done and what is open. Waits for a turn of the head; once that has ended,
   * returns how it was then.
   */
  DispatchStats stats();
}
