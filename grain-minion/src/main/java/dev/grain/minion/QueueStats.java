package dev.grain.minion;

import java.util.OptionalLong;

/**
 * How many items a queue has. What a queue cannot tell is empty.
 *
 * @param ready those that wait for a minion
 * @param inFlight those that minions have, or that wait for the end of a delay
 * @param done those that were acknowledged
 * @param dead those among the dead letters
 * @param minions how many minions there are, with those whose death was not noticed yet
 */
public record QueueStats(
    OptionalLong ready,
    OptionalLong inFlight,
    OptionalLong done,
    OptionalLong dead,
    OptionalLong minions) {
  /** What a queue tells that tells nothing. */
  public static final QueueStats UNKNOWN =
      new QueueStats(
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty());
}
