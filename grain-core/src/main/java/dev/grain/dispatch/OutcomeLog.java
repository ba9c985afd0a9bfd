package dev.grain.dispatch;

import dev.grain.bytes.Bytes;
import java.util.function.Consumer;

/** Where the end of a job is written before it is delivered. */
@FunctionalInterface
public interface OutcomeLog {
  /** The log of a run that keeps nothing. */
  OutcomeLog NONE = (_, _, end, delivery) -> delivery.accept(end);

  /**
   * Writes how a job has ended. Called on the head's loop; must not block.
   *
   * @param key names the job
   * @param attempt the number of its last attempt
   * @param delivery to be called once, by any thread, with what is to be delivered: the end, when
   *     it is written, or another one if it cannot be
   */
  void write(Bytes key, int attempt, JobEnd end, Consumer<JobEnd> delivery);
}
