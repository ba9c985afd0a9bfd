package dev.grain;

import dev.grain.text.Exceptions;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What has failed in a group, the first one first, and at most so many. Safe for all threads. */
final class GroupFailures {
  // guarded by this
  private final List<Failure> failures = new ArrayList<>(0);

  /**
   * What failed, known before anybody can see that it has ended.
   *
   * @param thrown what a subtask threw; null for a job
   * @param error makes a new exception of it
   */
  record Failure(Member entry, @Nullable Throwable thrown, Supplier<RuntimeException> error) {}

  /** Why a group was cancelled. */
  record Cancellation(String reason, @Nullable Failure failure, boolean byUser) {}

  /** Keeps the failure, if it is one of its own and not of the cancellation of the group. */
  synchronized void add(Failure failure, @Nullable Cancellation before) {
    if (failures.size() <= RunLimits.FAILURES_KEPT && isOfItsOwn(failure, before)) {
      failures.add(failure);
    }
  }

  private static boolean isOfItsOwn(Failure failure, @Nullable Cancellation before) {
    if (before == null) {
      return true;
    }
    Throwable thrown = failure.thrown();
    for (Throwable each : thrown == null ? List.<Throwable>of() : Exceptions.withCauses(thrown)) {
      if (each instanceof GroupCancelledException
          || each instanceof JobCancelledException
          || each instanceof GrainInterruptedException
          || each instanceof InterruptedException
          || each instanceof ClosedByInterruptException) {
        return false;
      }
    }
    return !before.byUser();
  }

  /**
   * Returns what to throw about them: one exception with all others suppressed in it.
   *
   * @param first what comes before them, if anything
   */
  @Nullable RuntimeException toException(@Nullable RuntimeException first) {
    List<Failure> all;
    synchronized (this) {
      all = List.copyOf(failures);
    }
    RuntimeException error = first;
    for (Failure failure : all) {
      RuntimeException thrown = failure.error().get();
      if (error == null) {
        error = thrown;
      } else {
        error.addSuppressed(thrown);
      }
    }
    return error;
  }
}
