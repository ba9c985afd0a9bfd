package dev.grain.node.call;

import dev.grain.job.Allocation;
import dev.grain.job.AttemptId;
import java.util.Optional;

/**
 * What a running job knows of itself.
 *
 * @param id the attempt
 * @param name its name; empty if it has none
 * @param allocation what it holds
 */
public record RunningJob(AttemptId id, String name, Allocation allocation) {
  private static final ScopedValue<RunningJob> CURRENT = ScopedValue.newInstance();

  /** Returns the job that the current thread runs; empty in any other thread. */
  public static Optional<RunningJob> current() {
    return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
  }

  void run(Runnable body) {
    ScopedValue.where(CURRENT, this).run(body);
  }
}
