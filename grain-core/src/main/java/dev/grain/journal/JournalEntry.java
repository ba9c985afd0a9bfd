package dev.grain.journal;

import dev.grain.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/** What a journal is made of. */
public sealed interface JournalEntry {
  /**
   * A life of the program started; what follows belongs to it.
   *
   * @param run the id of the run
   * @param millis when, since 1970, for people
   */
  record Life(String run, long millis) implements JournalEntry {}

  /**
   * A job has ended.
   *
   * @param key the job, by 32 bytes
   * @param kind how it ended
   * @param attempt the number of the last attempt, for people
   * @param ran how long that ran, in nanoseconds, for people
   * @param worker the name of the worker that ran it, for people
   * @param value what it returned, what it threw, or why it ended
   */
  record Ended(Bytes key, Kind kind, int attempt, long ran, String worker, Bytes value)
      implements JournalEntry {}

  /**
   * A job was not run, as an earlier life has its value.
   *
   * @param key the job, by 32 bytes
   */
  record Used(Bytes key) implements JournalEntry {}

  /** A life has ended in good order: what it did not ask for, it does not need. */
  record Completed() implements JournalEntry {}

  /** How a job ended. */
  enum Kind {
    /** It returned a value. */
    RETURNED(1),
    /** It threw. */
    THREW(2),
    /** It ended otherwise, for a reason that is a text. */
    OTHERWISE(3);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    /** Returns what stands for it in the file. */
    int code() {
      return code;
    }

    /** Returns the one that the code stands for; null if there is none. */
    static @Nullable Kind of(int code) {
      for (Kind each : values()) {
        if (each.code == code) {
          return each;
        }
      }
      return null;
    }
  }
}
