package dev.grain.head;

import java.util.function.Consumer;

/** Where the end of a job is written before it is delivered. */
@FunctionalInterface
public interface OutcomeLog {
  /** The log of a head that keeps nothing. */
  OutcomeLog NONE = (_, end, delivery) -> delivery.accept(end);

  /**
   * Writes how a job has ended. Called on the head's loop; must not block.
   *
   * @param delivery to be called once, by any thread, with what is to be delivered: the end, when
   *     it is written, or another one if it cannot be
   */
  void write(HeadJob job, JobEnd end, Consumer<JobEnd> delivery);
}
