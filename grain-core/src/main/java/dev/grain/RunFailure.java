package dev.grain;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Why a run has failed as a whole, if it has: its journal cannot be written, it has no workers, or
 * an internal consistency check failed. Its jobs then failed for this reason, which is given to
 * those who wait for them. Safe for all threads.
 */
final class RunFailure {
  private volatile @Nullable RuntimeException why;

  void set(RuntimeException reason) {
    why = reason;
  }

  /** Returns what to throw for work that failed: why the run did, if that is why. */
  RuntimeException or(RuntimeException error) {
    RuntimeException reason = why;
    boolean ofJobs = reason != null && !(reason instanceof JournalException);
    return ofJobs && error instanceof JobException ? with(error) : ofJournalOr(error);
  }

  /** Returns what to throw for work that failed: that the journal did, if that is why. */
  RuntimeException ofJournalOr(RuntimeException error) {
    boolean isOwn = error instanceof JournalException || error instanceof GrainInterruptedException;
    return why instanceof JournalException && !isOwn ? with(error) : error;
  }

  private RuntimeException with(RuntimeException error) {
    RuntimeException again = Objects.requireNonNull(again());
    again.addSuppressed(error);
    return again;
  }

  /** Returns it as a new exception; null if the run has not failed. */
  @Nullable RuntimeException again() {
    return switch (why) {
      case JournalException of -> new JournalException(String.valueOf(of.getMessage()), of);
      case NoWorkersException of -> new NoWorkersException(String.valueOf(of.getMessage()), of);
      case null -> null;
      case RuntimeException of -> new IllegalStateException(String.valueOf(of.getMessage()), of);
    };
  }

  /** Returns it as a new exception if it is the journal's; null if not. */
  @Nullable RuntimeException ofJournalAgain() {
    return why instanceof JournalException ? again() : null;
  }
}
