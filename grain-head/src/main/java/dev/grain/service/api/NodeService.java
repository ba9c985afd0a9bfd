package dev.grain.service.api;

import java.util.List;
import java.util.Optional;

/** The workers of a head. For all threads; each call waits for a turn of the head. */
public interface NodeService {
  /** Returns those that have joined and are not lost, in the order in which they joined. */
  List<Node> nodes();

  /**
   * Has a worker end: it takes no more jobs from now on, gives back those that have not started,
   * and ends when those that run have ended. One that has no connection is told when it is back.
   *
   * @param node its name, or its id
   * @return what it is then; empty if there is none
   */
  Optional<Node> drain(String node);

  /**
   * Has a worker end at once. Its jobs are stopped and run again elsewhere, which does not count
   * against them. See {@link #drain}.
   */
  Optional<Node> kill(String node);
}
