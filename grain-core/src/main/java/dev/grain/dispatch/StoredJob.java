package dev.grain.dispatch;

import dev.grain.Attempt;
import dev.grain.bytes.Bytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A detached job as its store knows it.
 *
 * @param number its own number, unique in the store and never used again; at least 1 and less than
 *     2 to the 62nd
 * @param template what it has in common with other jobs; its retries do not ask
 * @param priority how much it matters beside others; positive and finite
 * @param line the number of its line, where the order of the queue is a raffle; 0 for one of its
 *     own
 * @param input what its work is given, encoded
 * @param attempt the number of the last attempt that was {@linkplain DetachedStore#onSending sent};
 *     0 for none
 * @param holder which worker may have that attempt; null if it {@linkplain DetachedStore#onAttempt
 *     has ended}, or there is none
 * @param attempts the attempts that have ended
 * @param losses how often it was running when its worker died
 * @param held whether it is held
 * @param cancelled whether somebody has cancelled it
 */
public record StoredJob(
    long number,
    JobTemplate template,
    double priority,
    long line,
    Bytes input,
    int attempt,
    @Nullable Holder holder,
    List<Attempt> attempts,
    int losses,
    boolean held,
    boolean cancelled) {
  private static final long LARGEST_NUMBER = (1L << 62) - 1;

  /** Checks what can be checked of one job. */
  public StoredJob {
    if (number < 1 || number > LARGEST_NUMBER) {
      throw new IllegalArgumentException(
          "The number of a job is %s: at least 1 and at most %s".formatted(number, LARGEST_NUMBER));
    }
    if (!(priority > 0) || Double.isInfinite(priority)) {
      throw new IllegalArgumentException(
          "The priority of job %s is %s: more than 0, and finite".formatted(number, priority));
    }
    if (template.retries().asks()) {
      throw new IllegalArgumentException(
          "The retries of job %s ask a program, and it has none".formatted(number));
    }
    attempts = List.copyOf(attempts);
  }

  /** Makes a job that has had no attempt yet. */
  public StoredJob(long number, JobTemplate template, Bytes input) {
    this(number, template, template.priority(), 0, input, 0, null, List.of(), 0, false, false);
  }

  /**
   * A worker that may have an attempt.
   *
   * @param worker its name
   * @param incarnation the id of this life of it; empty for the worker in the process of the head
   * @param started whether the attempt is known to have started there
   */
  public record Holder(String worker, String incarnation, boolean started) {}
}
