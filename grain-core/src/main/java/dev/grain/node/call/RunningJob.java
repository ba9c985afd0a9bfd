package dev.grain.node.call;

import dev.grain.Allocation;
import dev.grain.AttemptId;
import java.util.Optional;

/** What a running job knows of itself. For the thread of the job and its helpers. */
public abstract class RunningJob {
  /** The job that the current thread runs, or runs parts of. */
  static final ScopedValue<RunningJob> CURRENT = ScopedValue.newInstance();

  RunningJob() {}

  /** Returns the job that the current thread runs, or runs parts of; empty in any other thread. */
  public static Optional<RunningJob> current() {
    return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
  }

  /** Returns the attempt. */
  public abstract AttemptId id();

  /** Returns what it holds. */
  public abstract Allocation allocation();
}
