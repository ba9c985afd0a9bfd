package dev.grain.service.api;

import dev.grain.dispatch.Dispatch;
import dev.grain.service.store.JobState;
import dev.grain.service.store.RequestKey;
import dev.grain.service.store.Submitted;
import dev.grain.spec.JobSpec;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What people and programs do with the jobs of a head. What a job is by now is read from the store.
 * For all threads; no call blocks, but for {@link #explain}.
 *
 * <p>A future comes when what was asked for is on the disk. It fails with a {@link
 * dev.grain.service.store.ConflictException} if it contradicts what is stored, and with a {@link
 * dev.grain.service.store.StoreException} if the store cannot take it; then nothing has happened.
 * Its dependents must not block the thread that completes it.
 */
public interface JobService {
  /**
   * Stores jobs, all or none of them, and has them run. Of what comes twice, the first wins, even
   * after its end.
   *
   * @param owner whose they are, and who is written into the audit
   * @param key by which the owner recognizes the submission
   * @param specs at least one
   * @return what has become of each, in their order
   * @throws IllegalArgumentException if a job is not possible at this head; the message is a
   *     sentence for the user, and names the place of the job if there are several
   */
  CompletableFuture<List<Submitted>> submit(
      String owner, Optional<RequestKey> key, List<JobSpec> specs);

  /**
   * Keeps a job from workers until it is resumed. One that has started goes on, and is held if
   * there is another attempt.
   *
   * @param number its number in the store
   * @param who who is written into the audit
   * @return its state now, that of its end if it has ended
   */
  CompletableFuture<JobState> hold(long number, String who);

  /** Lets a job that is held go to workers again; see {@link #hold}. */
  CompletableFuture<JobState> resume(long number, String who);

  /**
   * Has a job end, wherever it is; it may take a while until it has; see {@link #hold}.
   *
   * @return {@link JobState#STOPPING}, or the state of its end if it has ended
   */
  CompletableFuture<JobState> cancel(long number, String who);

  /**
   * Has a job matter more or less beside others: at once if it waits, otherwise for its next
   * attempt; see {@link #hold}.
   *
   * @throws IllegalArgumentException if the priority is not positive and finite
   */
  CompletableFuture<JobState> prioritize(long number, double priority, String who);

  /**
   * Says why a job is where it is; empty if it has ended. Waits for a turn of the head.
   *
   * @see dev.grain.explain.Sentences
   */
  Optional<Dispatch.Explanation> explain(long number);
}
