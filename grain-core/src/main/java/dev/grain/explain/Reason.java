package dev.grain.explain;

import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Offer;
import java.time.Duration;
import java.util.List;

/** Why a job ended otherwise than by what its function returned or threw. */
public sealed interface Reason {
  /** It was cancelled before it started, or before its node reported its end. */
  record Cancelled() implements Reason {}

  /** It was cancelled while it ran on the worker. */
  record CancelledOn(String worker) implements Reason {}

  /** It was cancelled, and the worker that had it was lost before it confirmed this. */
  record CancelledAndLost(String worker) implements Reason {}

  /** It was running on the worker when that died, once more than it may. */
  record DeathOfWorker(String worker) implements Reason {}

  /**
   * It asks for what none of the workers has.
   *
   * @param offers what the first of them have
   * @param avoidable whether the program could ask for less or declare more, so that the message
   *     suggests it
   */
  record Unmeetable(Demand demand, List<WorkerOffer> offers, boolean avoidable) implements Reason {
    /** Returns the same, to be reported with what the program could do. */
    public Unmeetable asAvoidable() {
      return new Unmeetable(demand, offers, true);
    }
  }

  /** What a worker has. */
  record WorkerOffer(String worker, Offer offer) {}

  /** It ignores the interrupt on the worker, and keeps its slots there until it ends. */
  record IgnoredInterrupt(String worker) implements Reason {}

  /** It ran on the worker for as long as it may. */
  record OverTime(String worker, Duration limit) implements Reason {}

  /**
   * It needed more memory on the worker than it holds.
   *
   * @param need the rest of a sentence
   * @param limit how many bytes it could use; negative if not known
   * @param peak how many bytes its processes used at most; negative if not known
   */
  record OverMemory(String worker, String need, long limit, long peak) implements Reason {}

  /** The worker cannot run it; the problem is what follows the name of the worker in a sentence. */
  record NotRunnable(String worker, String problem) implements Reason {}

  /**
   * Workers could not start it.
   *
   * @param tries how often it was tried
   * @param last why the last few workers could not
   */
  record Unstartable(long tries, List<FailedStart> last) implements Reason {}

  /**
   * No worker could make ready what it needs.
   *
   * @param last why the last few workers could not
   */
  record Unpreparable(List<FailedStart> last) implements Reason {}

  /** Why a worker could not start a job. */
  record FailedStart(String worker, String problem) {}

  /** Its value has more bytes than the program takes. */
  record TooLarge(long length) implements Reason {}

  /**
   * Something that is not about the job.
   *
   * @param words the part of a sentence that states what
   */
  record Other(String words) implements Reason {}
}
