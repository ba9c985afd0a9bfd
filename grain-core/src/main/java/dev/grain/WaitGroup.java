package dev.grain;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A group of jobs and subtasks; leaving its block waits for all of them.
 *
 * <pre>{@code
 * try (var wg = Grain.openWaitGroup()) {
 *   for (Molecule m : molecules) {
 *     wg.submit(cpu(3), Jobs::energy, m);
 *   }
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> The thread that opened the group owns it. The owner and the group's own
 * subtasks may call {@code submit}, at any time until {@link #close()} has returned; only the owner
 * may call {@code start} and {@code close}.
 *
 * <p><b>Failure.</b> By default the first failure of a job or a subtask cancels all the others,
 * {@code submit} and {@code start} throw a {@code GroupCancelledException} from then on, and {@link
 * #close()} throws the failure. With {@link FailurePolicy#COLLECT} everything is tried, and {@link
 * #outcomes()} returns how each one ended.
 */
public final class WaitGroup extends Submitter implements AutoCloseable {
  private final Group group;

  WaitGroup(Group group) {
    this.group = group;
  }

  @Override
  <R extends @Nullable Object> Job<R> submitBody(Request request, JobBody body) {
    return group.submit(request, body);
  }

  /**
   * Starts a subtask: orchestration code that runs concurrently with the owner, on a virtual thread
   * of the program, and may open wait groups itself. A subtask is not a job: it is not queued and
   * holds no slots.
   *
   * @param body what to run; any exception of it fails the subtask
   * @throws dev.grain.GroupCancelledException if the group was cancelled
   * @throws IllegalStateException if the group is closed, this thread is not its owner, or it has
   *     bound a scoped value since it opened the group
   */
  public <R extends @Nullable Object> Subtask<R> start(Main<R, ? extends Exception> body) {
    return group.start(body);
  }

  /** Starts a subtask that returns nothing; see {@link #start(Main)}. */
  public Subtask<@Nullable Void> start(MainAct<? extends Exception> body) {
    return group.start(() -> {
      body.run();
      return null;
    });
  }

  /**
   * Returns the jobs in the order in which they end, for the threads that may submit. The iteration
   * blocks while jobs are unfinished and ends when every job submitted so far was returned,
   * including jobs that are submitted meanwhile. Each job is returned once.
   *
   * <p>The iterator throws {@code GroupCancelledException} when the group is cancelled, and {@code
   * GrainInterruptedException} when the thread is interrupted.
   *
   * @throws IllegalStateException if it was called before, or the group discards results and jobs
   *     were submitted before
   */
  public Iterable<Job<?>> completed() {
    return group.completed();
  }

  /**
   * Cancels everything in the group: waiting jobs never start, running jobs and subtasks are
   * interrupted. {@link #close()} then returns normally if nothing had failed before. May be called
   * from any thread.
   */
  public void cancel() {
    group.cancelByUser();
  }

  /**
   * Waits for everything in the group.
   *
   * <p>After a cancellation it waits until all subtasks have ended, and for jobs no longer than the
   * cancel grace ({@link RunOptions#cancelGrace}). It cancels the group if the block was left by an
   * exception that this group threw, or if the owner was interrupted. {@code close()} cannot see
   * any other exception thrown in the block: it waits for the submitted jobs, and then the
   * exception propagates. {@code Grain.waitGroup} cancels the group in any case. If the last call
   * to the group was a {@code submit} or {@code start} that threw, {@code close()} assumes that
   * this exception left the block, even if the block caught it; use {@code Grain.waitGroup} for
   * code that continues after such an exception.
   *
   * <p>Closing a closed group does nothing.
   *
   * @throws dev.grain.JobException the first failure if it was a job's, as a new object; further
   *     failures are suppressed in it
   * @throws dev.grain.SubtaskFailedException the first failure if it was a subtask's
   * @throws dev.grain.GroupCancelledException if the group was cancelled from outside or reached
   *     its time limit
   * @throws dev.grain.GrainInterruptedException if the owner was interrupted
   * @throws IllegalStateException if this thread is not the owner, or a group that was opened
   *     within this one was never closed; that one is cancelled
   */
  @Override
  public void close() {
    group.close();
  }

  /**
   * Returns the values of all jobs and subtasks in the order of submission, once the group is
   * closed.
   *
   * @throws dev.grain.JobException if one of them has no value
   * @throws IllegalStateException if the group is not closed, or discards results
   */
  public List<@Nullable Object> results() {
    return group.members().results(Object.class);
  }

  /**
   * Returns the values of all jobs and subtasks, which are of one type, in the order of submission,
   * once the group is closed.
   *
   * @param type the type of all values; {@code int.class} stands for {@code Integer.class}
   * @throws ClassCastException if a value is of another type
   * @throws dev.grain.JobException if one of them has no value
   * @throws IllegalStateException if the group is not closed, or discards results
   */
  @SuppressWarnings({"unchecked", "NullAway"}) // the group has checked it; a null is a value too
  public <T> List<T> results(Class<T> type) {
    return (List<T>) (List<?>) group.members().results(type);
  }

  /**
   * Returns how each job and subtask ended, in the order of submission, once the group is closed.
   *
   * @throws IllegalStateException if the group is not closed, or discards results
   */
  public List<Outcome<?>> outcomes() {
    return group.members().outcomes();
  }

  @Override
  public String toString() {
    return group.toString();
  }
}
