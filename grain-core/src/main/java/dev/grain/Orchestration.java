package dev.grain;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Orchestration code under way: a main or a subtask, with the wait groups that its thread has open.
 */
final class Orchestration {
  private static final ScopedValue<Orchestration> CURRENT = ScopedValue.newInstance();

  private final Run run;
  private final @Nullable Group around;
  private final Thread owner = Thread.currentThread();
  // whether it belongs to no main or subtask, but to a thread that has groups of an executor open
  private final boolean bare;
  private final SubmissionPath path;
  // only accessed by the owner
  private final Deque<Group> open = new ArrayDeque<>();

  private Orchestration(Run run, @Nullable Group around, boolean bare, SubmissionPath path) {
    this.run = run;
    this.around = around;
    this.bare = bare;
    this.path = path;
  }

  /** Returns the frame of the current thread in the run: its own, or one for as long as needed. */
  static Orchestration ownedIn(Run run) {
    Orchestration current = current().filter(frame -> frame.run == run).orElse(null);
    if (current != null && current.owner == Thread.currentThread()) {
      return current;
    }
    Group around = current == null ? null : current.around;
    SubmissionPath path = current == null ? run.path() : current.path;
    return run.bareOrchestration(() -> new Orchestration(run, around, true, path));
  }

  /**
   * Returns the frame of the current thread, or of the one whose scoped values it has inherited.
   */
  static Optional<Orchestration> current() {
    return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
  }

  /** Returns a task that finds in another thread what the current one finds here. */
  static Runnable inherited(Runnable task) {
    return current()
        .<Runnable>map(frame -> () -> ScopedValue.where(CURRENT, frame).run(task))
        .orElse(task);
  }

  /**
   * Runs code in a frame of its own.
   *
   * @param around the group that it is a subtask of; null for a main
   * @param path where in the program it is
   * @throws IllegalStateException if it leaves groups open; they are cancelled and closed
   */
  static <R extends @Nullable Object, X extends Exception> R call(
      Run run, @Nullable Group around, SubmissionPath path, Main<R, X> body) throws X {
    Orchestration frame = new Orchestration(run, around, false, path);
    ScopedValue.CallableOp<R, X> framed =
        () -> {
          R value;
          try {
            value = body.call();
          } catch (Throwable e) {
            IllegalStateException forgotten = frame.closeAbove(null);
            if (forgotten != null) {
              e.addSuppressed(forgotten);
            }
            throw e;
          }
          IllegalStateException forgotten = frame.closeAbove(null);
          if (forgotten != null) {
            throw forgotten;
          }
          return value;
        };
    return ScopedValue.where(CURRENT, frame).call(framed);
  }

  Run run() {
    return run;
  }

  /** Returns where in the program it is. */
  SubmissionPath path() {
    return path;
  }

  /** Returns the innermost group that the frame is in. */
  @Nullable Group innermost() {
    Group last = open.peekLast();
    return last == null ? around : last;
  }

  /** Returns whether the frame belongs to a subtask of the group, or of a group within it. */
  boolean isWithin(Group group) {
    for (Group each = around; each != null; each = each.around()) {
      if (each == group) {
        return true;
      }
    }
    return false;
  }

  void opened(Group group) {
    open.addLast(group);
  }

  void closed(Group group) {
    open.remove(group);
    if (bare && open.isEmpty()) {
      run.forgetBareOrchestration();
    }
  }

  /**
   * Cancels and closes the groups that were opened after the given one, or all, and are still open.
   *
   * @return what to throw about it; null if there were none
   */
  @Nullable IllegalStateException closeAbove(@Nullable Group group) {
    IllegalStateException complaint = null;
    for (Group last = open.peekLast(); last != null && last != group; last = open.peekLast()) {
      complaint = last.neverClosed(complaint);
      try {
        last.cancelBecause("it was never closed");
        last.close();
      } catch (GrainException cancelled) {
        complaint.addSuppressed(cancelled);
      }
    }
    return complaint;
  }
}
